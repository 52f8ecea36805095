"""How much news was heard so far: whatever is read after it was heard has it, and need not be read for it again."""

import threading
from collections import OrderedDict

from lovhub.server import bus

CUSTOMERS_REMEMBERED = 1_000


class Heard:
    """`count`: of all news since the start. Each is counted when it is heard, after what it tells of was committed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_customers: OrderedDict[int, int] = OrderedDict()
        self._of_any_customer = 0
        self.count = 0

    def note(self, news: bus.News) -> int:
        """One more; returns how many there are with it."""
        with self._lock:
            self.count += 1
            if isinstance(news, bus.CustomerChanged):
                self._of_customers[news.customer_id] = self.count
                self._of_customers.move_to_end(news.customer_id)
                if len(self._of_customers) > CUSTOMERS_REMEMBERED:
                    _forgotten_id, number = self._of_customers.popitem(last=False)
                    self._of_any_customer = max(self._of_any_customer, number)
            elif isinstance(news, bus.PromosChanged | bus.NewsMissed):
                self._of_any_customer = self.count
            return self.count

    def of_customer(self, customer_id: int) -> int:
        """How much had been heard with the last news of what this customer's PC shows of them, or more."""
        with self._lock:
            return max(self._of_any_customer, self._of_customers.get(customer_id, 0))
