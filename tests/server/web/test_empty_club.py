"""A club in which nothing has happened yet: every list says what to do first, and where."""

from playwright.sync_api import Page, expect

from tests.support.live_desk import LiveDesk

FIRST = {
    "/admin/computers": ("Компьютеров пока нет", "python auth.py --server"),
    "/admin/customers": ("Клиентов пока нет", "Зарегистрировать клиента"),
    "/admin/goods": ("Товаров пока нет", "Добавить товары"),
    "/admin/goods/list": ("Товаров пока нет", "Добавьте первый"),
    "/admin/shifts": ("Смена не открыта", "Открыть смену"),
    "/admin/tariffs": ("Тарифов пока нет", "Добавить тариф"),
    "/admin/applications": ("Здесь пока пусто", "Добавить"),
    "/admin/halls": ("Залов пока нет", "Добавить зал"),
    "/admin/loyalty": ("Групп пока нет", "Кто в какой группе, указывают на странице клиента"),
    "/admin/payments": ("Платежей пока нет", "Оплата Kaspi"),
    "/admin/backups": ("Копий ещё нет", "Сделать сейчас"),
}
"""Page → what its empty place says, and what it says to do."""


def test_every_list_says_what_to_do_first(page: Page, live: LiveDesk) -> None:
    for path, (nothing, first) in FIRST.items():
        page.goto(live.address + path)
        empty = page.locator(".empty:visible").first
        expect(empty, path).to_contain_text(nothing)
        expect(empty, path).to_contain_text(first)
