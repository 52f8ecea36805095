"""Refusals as sentences. Operations refuse by code, with values; here the codes become words for people."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lovhub.server.errors import OperationRefused
from lovhub.server.web import formatting

Values = Mapping[str, Any]

_REFUSALS = {
    # forms and requests
    "bad_request": _l("Запрос не понят."),
    "form_expired": _l("Страница устарела. Обновите её и повторите."),
    "forbidden": _l("У вас нет на это права."),
    "invalid_fields": _l("Проверьте выделенные поля."),
    "key_reused": _l("Эта форма уже отправлена с другими данными. Обновите страницу."),
    "method_not_allowed": _l("Так обратиться к этому адресу нельзя."),
    "not_found": _l("Такой страницы нет."),
    "not_json": _l("Нужен JSON."),
    "not_set_up": _l("Клуб ещё не настроен: откройте страницу /setup."),
    "not_signed_in": _l("Сначала войдите."),
    "server_error": _l("На сервере ошибка. Подробности записаны в его журнал."),
    "too_large": _l("Запрос слишком большой."),
    # signing in
    "too_many_attempts": _l("Слишком много попыток. Подождите и попробуйте снова."),
    "wrong_credentials": _l("Неверный логин или пароль."),
    "second_factor_needed": _l("Нужен ещё код второго фактора."),
    "wrong_second_factor": _l("Код не подошёл. Возьмите свежий; каждый код действует один раз."),
    "sign_in_expired": _l("Прошло слишком много времени. Войдите заново."),
    "wrong_own_password": _l("Пароль не подошёл."),
    "confirmation_needed": _l("Подтвердите своим паролем: со входа прошло больше 10 минут."),
    "address_not_allowed": _l("С этого адреса вход закрыт. Войдите из клуба или с самого сервера."),
    "addresses_malformed": _l(
        "Нужны адреса или сети, например 192.168.1.10 или 192.168.1.0/24, не больше 50."
    ),
    "own_address_missing": _l("Вашего адреса в списке нет: вы бы закрыли вход себе."),
    "password_first": _l("Сначала смените пароль, который вам выдали."),
    "second_factor_first": _l("Сначала настройте второй фактор: его требует владелец."),
    "wrong_token": _l("Неверный код. Возьмите его из окна сервера."),
    "owner_exists": _l("Владелец уже создан."),
    "login_unknown": _l("Такого логина нет."),
    # fields
    "login_malformed": _l("От 2 до 40 символов без пробелов."),
    "login_taken": _l("Такой логин уже занят."),
    "name_malformed": _l("От 1 до 80 символов."),
    "name_missing": _l("Введите название."),
    "name_taken": _l("Такое название уже есть."),
    "password_too_short": _l("Не короче 8 символов."),
    "customer_password_too_short": _l("Не короче 4 символов."),
    "password_too_long": _l("Не длиннее 200 символов."),
    "phone_malformed": _l("Телефон, например +7 701 123 45 67."),
    "amount_out_of_range": _l("Сумма больше нуля и не больше 1 000 000."),
    "method_unknown": _l("Выберите способ оплаты."),
    "payment_method_unknown": _l("Выберите способ оплаты."),
    "title_malformed": _l("Введите название, не длиннее 60 символов."),
    "duration_out_of_range": _l("От 1 минуты до 31 дня."),
    "price_out_of_range": _l("От 0 до 1 000 000."),
    "kind_unknown": _l("Выберите: игра или программа."),
    "path_not_absolute": _l(
        "Нужен полный путь к файлу на игровом ПК, например C:\\Games\\cs2.exe."
    ),
    "path_missing": _l("Укажите путь к программе, например C:\\Games\\cs2.exe."),
    "path_too_long": _l("Путь слишком длинный."),
    "path_with_arguments": _l("Здесь только путь. Параметры впишите в поле ниже."),
    "path_with_variable": _l(
        "Переменные вроде %ProgramFiles% здесь не раскрываются: впишите путь целиком."
    ),
    "path_with_dots": _l("Путь не должен содержать «.» и «..»: впишите его целиком."),
    "path_with_forbidden": _l(
        'В пути есть то, чего в имени файла Windows не бывает: знаки < > : " | ? *, точка или пробел в '
        "конце имени, имя устройства."
    ),
    "path_is_link": _l(
        "Такую ссылку запустить нельзя. Годятся путь к программе и адреса steam://rungameid/…, "
        "com.epicgames.launcher://apps/… и battlenet://…"
    ),
    "address_malformed": _l(
        "Адрес запускает не игру. Годятся steam://rungameid/730, com.epicgames.launcher://apps/… и battlenet://…"
    ),
    "too_many_paths": _l("Не больше пяти других путей."),
    "watch_malformed": _l("Имена процессов через запятую, без папок: cs2.exe. Не больше пяти."),
    "watch_is_system": _l(
        "Это процесс системы: закрыть его — значит уронить ПК. Нужен процесс игры."
    ),
    "watch_missing": _l(
        "Игру запускает не LoVHub, а лаунчер: впишите имя её процесса, например cs2.exe."
    ),
    "path_not_exe": _l("Путь должен заканчиваться именем программы .exe."),
    "picture_missing": _l("Выберите файл с картинкой."),
    "picture_too_heavy": _l("Файл больше 200 КБ."),
    "picture_too_large": _l("Картинка больше 4096 × 4096 точек."),
    "picture_not_understood": _l("Это не картинка PNG, JPEG, WebP или ICO, или файл испорчен."),
    "arguments_malformed": _l("Кавычки должны быть парными."),
    "arguments_too_long": _l("Слишком длинно."),
    "day_malformed": _l("Выберите оба дня, с какого и по какой."),
    "period_backwards": _l("Первый день позже последнего."),
    "period_too_long": _l("Не больше года."),
    "time_zone_unknown": _l("Выберите часовой пояс из списка, например Asia/Almaty."),
    "time_of_day_malformed": _l("Введите время, например 08:00."),
    "number_out_of_range": _l("Число вне допустимых границ."),
    "choice_unknown": _l("Выберите одно из предложенного."),
    "currency_locked": _l("Валюту уже не сменить: в учёте есть деньги."),
    "folder_not_writable": _l(
        "Нужен полный путь к существующей папке, в которую сервер может писать."
    ),
    "text_missing": _l("Введите текст."),
    "text_too_long": _l("Не длиннее 120 символов."),
    "for_whom_missing": _l("Напишите, для кого, или выберите клиента."),
    "kept_until_out_of_range": _l("Выберите время не дальше суток отсюда."),
    "hall_name_too_long": _l("Не длиннее 40 символов."),
    "zone_names_wrong": _l("Названия зон разные и не длиннее 40 символов, через запятую."),
    "computer_number_out_of_range": _l("Номера от 1 до 9999."),
    "number_taken": _l("Такой номер уже есть у другого ПК."),
    "zone_has_computers": _l("Выберите, куда перенести ПК этой зоны."),
    "hall_has_zones": _l("Выберите, в какой зал перенести зоны."),
    "reason_missing": _l("Укажите причину: она останется в журнале."),
    # backups
    "backup_busy": _l("Уже идёт работа с копиями. Дождитесь её конца."),
    "backup_damaged": _l("Это не копия LoVHub, или она повреждена."),
    "backup_failed": _l("Копию сделать не удалось: проверьте место на диске и права."),
    "backup_unknown": _l("Такой копии нет."),
    "confirmation_wrong": _l("Введите название клуба точно так, как оно написано."),
    "status_slow": _l(
        "Проверка ещё идёт: одна из папок отвечает медленно. Обновите страницу позже."
    ),
    "demo_in_use": _l("Уже есть продажи: примеры теперь часть клуба. Уберите лишнее по одному."),
    "disk_full": _l("На диске мало места: освободите его и повторите."),
    "disk_read_only": _l(
        "На диск сервера нельзя писать: проверьте права на папку данных и что диск не защищён от записи, и повторите."
    ),
    "disk_error": _l("Диск сервера не отвечает как надо: проверьте его и повторите."),
    "database_busy": _l("База занята другой программой: закройте её на сервере и повторите."),
    "database_damaged": _l(
        "База клуба повреждена: остановите сервер и верните её из резервной копии (папка backups)."
    ),
    "database_unreachable": _l(
        "Нет связи с базой данных: проверьте, что она запущена, и повторите."
    ),
    "passphrase_needed": _l("В копии есть ключи клуба: введите пароль или откажитесь от них."),
    "passphrase_too_short": _l("Не короче 12 символов."),
    "passphrase_wrong": _l("Пароль копии не подходит."),
    "passphrases_differ": _l("Пароли не совпадают."),
    "upload_broken": _l("Загрузка прервалась. Начните сначала."),
    "reason_too_long": _l("Не длиннее 200 символов."),
    "estate_changed": _l("Деньги клиента изменились. Проверьте сумму и подтвердите ещё раз."),
    "estate_undecided": _l("Выберите, что сделать с деньгами и временем клиента."),
    "given_time_out_of_range": _l("От 1 минуты до 24 часов."),
    "sort_unknown": _l("Так этот список не сортируется."),
    "cursor_unknown": _l("Это не место в списке. Начните с первой части."),
    "minutes_out_of_range": _l("От 1 до 240 минут."),
    # moving in
    "moving_file_missing": _l("Выберите файл CSV или XLSX."),
    "moving_file_empty": _l("В файле нет ни одной строки."),
    "moving_file_unreadable": _l("Файл не читается. Сохраните таблицу как CSV или XLSX."),
    "moving_file_too_long": _l("Файл слишком большой: до 100 000 строк и 8 МБ."),
    "moving_columns_wrong": _l("Одно и то же выбрано для двух колонок."),
    "moving_nothing": _l("Заводить некого: ни одна строка не подходит."),
    "moving_login_missing": _l("Нет ни логина, ни телефона."),
    "moving_login_twice": _l("Такой логин уже был выше в файле."),
    "moving_phone_twice": _l("Такой телефон уже был выше в файле."),
    "moving_login_known": _l("Клиент с таким логином уже есть."),
    "moving_phone_known": _l("Клиент с таким телефоном уже есть."),
    "moving_balance_wrong": _l("Баланс — число от 0 до 10 000 000."),
    "moving_time_wrong": _l("Время — от 0 до 1000 часов, например 2,5 или 2:30."),
    "move_unknown": _l("Такого переезда нет."),
    "move_in_use": _l("Отменить нельзя: клиенты уже играли, тратили или платили."),
    "move_not_draft": _l("Этот переезд уже завершён."),
    "move_not_imported": _l("Этот переезд ещё не загружен."),
    # shifts
    "count_missing": _l("Введите, сколько насчитали."),
    "count_out_of_range": _l("Столько в кассе не бывает: проверьте число."),
    "given_time_limit": _l(
        "Больше времени без денег за эту смену дать нельзя. Попросите управляющего или владельца."
    ),
    "left_out_of_range": _l("Оставить можно не больше, чем насчитали."),
    "left_without_count": _l("Без пересчёта всё остаётся в кассе."),
    "good_not_available": _l("Этого товара больше нет в продаже."),
    "good_price_out_of_range": _l("Больше 0 и не больше 1 000 000."),
    "nothing_chosen": _l("Выберите хотя бы один товар."),
    "traces_malformed": _l(
        "По одной папке на строке, внутри папки игрока: например Downloads или AppData/Local/Steam/htmlcache. "
        "Без «..» и дисков, и не AppData целиком; строк не больше 60."
    ),
    "printer_address_malformed": _l("Адрес принтера, например 192.168.1.50 или /dev/usb/lp0."),
    "printer_not_set": _l("Принтер не настроен: его адрес задаёт владелец в «Настройках клуба»."),
    "receipt_unknown": _l("Такого чека нет."),
    "email_malformed": _l("Адрес почты, например owner@mail.kz."),
    "telegram_malformed": _l("Номер чата цифрами или @имя канала."),
    "notice_target_missing": _l("Сначала укажите почту или чат Telegram и сохраните."),
    "printer_silent": _l("Принтер не отвечает: проверьте питание, бумагу и адрес."),
    "quantity_out_of_range": _l("От 1 до 100 штук."),
    "sale_unknown": _l("Такой продажи нет."),
    "pay_out_of_range": _l("Сумма больше нуля и не больше 10 000 000."),
    "shift_count_first": _l("Отчёт с суммами откроется после пересчёта и закрытия смены."),
    "shift_needed": _l("Сначала откройте смену: без неё деньги не принимают и не выдают."),
    "shift_not_yours": _l("Чужую смену закрывает управляющий или владелец."),
    "shift_open_already": _l("Смена уже открыта."),
    "shift_unknown": _l("Такой смены нет."),
    # people
    "role_unknown": _l("Выберите роль."),
    "language_unknown": _l("Выберите язык."),
    "wrong_old_password": _l("Старый пароль не подошёл."),
    "password_same": _l("Придумайте другой: этот уже был."),
    "own_account": _l("Со своей учётной записью этого сделать нельзя."),
    "own_session": _l("Это сеанс, в котором вы работаете: из него выходят кнопкой «Выйти»."),
    "last_owner": _l("Это последний владелец: сначала назначьте другого."),
    "not_yours_to_manage": _l("Сотрудников этой роли ведёт только владелец."),
    "second_factor_on": _l("Второй фактор уже включён."),
    "second_factor_required": _l("Владелец требует второй фактор для вашей роли."),
    "offer_expired": _l("Эта картинка уже не действует. Откройте страницу заново."),
    # things that are not there
    "fiscal_unknown": _l("Такого фискального чека нет."),
    "fiscal_confirmed": _l("Этот чек уже принят оператором."),
    "already_closed": _l("Это уже закрыто."),
    "already_taken": _l("Этим уже занимается другой сотрудник."),
    "call_unknown": _l("Такого вызова нет."),
    "reason_unknown": _l("Выберите причину."),
    "person_unknown": _l("Такого сотрудника нет."),
    "sign_in_unknown": _l("Такого сеанса входа нет."),
    "alarm_unknown": _l("Такой тревоги нет."),
    "application_not_available": _l("Этого приложения больше нет."),
    "computer_unknown": _l("Такого ПК нет."),
    "hall_unknown": _l("Такого зала нет."),
    "zone_unknown": _l("Такой зоны нет."),
    "customer_unknown": _l("Такого клиента нет."),
    "public_key_invalid": _l("ПК прислал негодный ключ. Перезапустите на нём LoVHub и повторите."),
    "pairing_gone": _l("Этот ПК больше не ждёт подтверждения."),
    "session_unknown": _l("Такого сеанса нет."),
    "top_up_unknown": _l("Такого пополнения нет."),
    "tariff_not_available": _l("Этот тариф больше не продаётся."),
    "tariff_not_sold_here": _l("В этой зоне этот тариф не продаётся."),
    "tariff_not_sold_now": _l("Сейчас этот тариф не продаётся."),
    "tariff_not_for_group": _l("Этот тариф продаётся только клиентам своей группы."),
    "tariff_for_customers": _l(
        "По этому тарифу деньги за остаток возвращаются на баланс: его продают только клиентам."
    ),
    "time_not_sold_there": _l(
        "Купленное время в той зоне не продаётся: там его не сыграть. Выберите другой ПК или продайте тариф."
    ),
    "zone_difference": _l("В той зоне время дороже: нужна доплата за остаток."),
    "zone_convert": _l("В той зоне время стоит иначе: оно пересчитается."),
    "tariff_by_minute": _l(
        "По минутам платят с баланса по ходу игры: выберите клиента и посадите его на один ПК."
    ),
    "debt_not_offered": _l("В долг здесь не сажают: владелец не задал предел в настройках."),
    "debt_not_for_minors": _l("Несовершеннолетних в долг не сажают."),
    "debt_by_minute_only": _l("В долг играют только клиенты и только по поминутному тарифу."),
    "customer_owes": _l("За клиентом долг. Сначала примите оплату долга."),
    "customer_owes_nothing": _l("Этот клиент ничего не должен."),
    "debt_changed": _l("Долг с тех пор изменился. Проверьте сумму."),
    "already_by_minute": _l("Клиент здесь уже играет по минутам."),
    "computer_not_chosen": _l("У этого тарифа в зонах разные цены: сначала выберите ПК."),
    "parts_differ": _l("Части должны вместе дать ровно сумму к оплате."),
    "pause_not_allowed": _l("По этому тарифу пауза не предусмотрена."),
    "no_day_chosen": _l("Выберите хотя бы один день."),
    "time_of_day_missing": _l("Укажите оба времени."),
    "valid_days_out_of_range": _l("От 1 до 366 дней."),
    "rest_cannot_be_kept": _l("Когда срок вышел, остаток не сохранить: выберите другое."),
    "sold_nowhere": _l("Выберите хотя бы одну зону."),
    "date_malformed": _l("Такой даты нет."),
    "too_many_days": _l("Не больше 200 дат."),
    # groups, bonuses, promo codes
    "moving_group_unknown": _l(
        "Такой группы нет: сначала добавьте её, или не переносите эту колонку."
    ),
    "group_unknown": _l("Такой группы нет."),
    "group_name_malformed": _l("Введите название, не длиннее 40 символов."),
    "group_name_taken": _l("Такая группа уже есть."),
    "group_has_tariffs": _l("Сначала уберите группу из тарифов, которые для неё продаются."),
    "percent_out_of_range": _l("От 0 до 100."),
    "bonuses_off": _l("Бонусы выключены: их включает владелец или управляющий."),
    "bonus_unknown": _l("Такого начисления нет."),
    "bonus_spent": _l("Эти бонусы уже потрачены, хотя бы часть."),
    "bonus_not_yours": _l(
        "Отменить начисление может тот, кто его сделал, в течение 2 минут, а потом управляющий или владелец."
    ),
    "bonus_too_late": _l(
        "Прошло больше 2 минут. Отменить это начисление может управляющий или владелец."
    ),
    "bonus_out_of_range": _l("От 0 до 1 000 000."),
    "given_bonus_limit": _l(
        "Больше бонусов за смену начислить нельзя: попросите управляющего или владельца."
    ),
    "too_many_steps": _l("Не больше 10 порогов."),
    "step_out_of_range": _l("Порог больше нуля и не больше 1 000 000."),
    "step_percent_out_of_range": _l("Процент от 1 до 100."),
    "step_twice": _l("Две строки с одной и той же суммой."),
    "top_up_bonus_spent": _l(
        "Бонусы за это пополнение уже потрачены, и на балансе не хватает денег, чтобы заплатить за них."
    ),
    "refund_bonus_spent": _l("Бонусы за этот платёж уже потрачены: столько вернуть нельзя."),
    "promo_unknown": _l("Такой акции нет."),
    "promo_title_malformed": _l("Введите название, не длиннее 40 символов."),
    "promo_time_out_of_range": _l("От 1 минуты до 31 дня."),
    "promo_backwards": _l("Последний день раньше первого."),
    "promo_uses_out_of_range": _l("От 0 до 1 000 000."),
    "promo_code_malformed": _l("В каждом коде от 4 до 20 букв и цифр."),
    "promo_code_twice": _l("Один код стоит дважды."),
    "promo_code_taken": _l("Такой код уже есть у другой акции."),
    "promo_codes_out_of_range": _l("От 1 до 1000 кодов."),
    "promo_code_wrong": _l("Такого промокода нет."),
    "promo_over": _l("Эта акция уже закончилась."),
    "promo_not_yet": _l("Эта акция ещё не началась."),
    "promo_used_by_customer": _l("Этот клиент уже воспользовался акцией."),
    "promo_used_up": _l("Этот промокод уже использован."),
    # ages
    "age_unconfirmed": _l(
        "После 22:00 нужно подтвердить возраст: посмотрите документ, или гость пришёл с родителями."
    ),
    "age_unconfirmed_past_night": _l(
        "Этот тариф идёт дольше 22:00: подтвердите возраст по документу или выберите тариф короче."
    ),
    "birth_date_missing": _l("Введите дату рождения из документа."),
    "birth_date_out_of_range": _l("Такой даты рождения не бывает: проверьте год."),
    "minor_at_night": _l("С 22:00 до 06:00 несовершеннолетние играют только с родителями."),
    "minor_by_birth_date": _l(
        "По дате рождения 18 лет ещё нет. Если она неверна, исправьте её на странице клиента."
    ),
    "minor_past_night": _l(
        "Этот тариф идёт дольше 22:00, несовершеннолетнему без родителей его не продают: выберите тариф короче"
        " или пакет на несколько дней."
    ),
    "not_stopped_for_night": _l("Этот сеанс не остановлен на ночь."),
    # sessions and money
    "already_booked": _l("Эта операция уже выполнена."),
    "already_elsewhere": _l("Клиент уже играет на другом ПК."),
    "balance_too_low": _l("На балансе не хватает денег."),
    "customer_not_chosen": _l("Найдите клиента и выберите его."),
    "computer_broken": _l("Этот ПК сломан: сажать за него нельзя."),
    "computer_kept": _l("Этот ПК отложен для другого игрока."),
    "computer_busy": _l("Этот ПК занят."),
    "computer_in_maintenance": _l("За этим ПК работает техник: сажать за него пока нельзя."),
    "maintenance_minutes": _l("От 5 до 120 минут."),
    "maintenance_open": _l("Этот ПК уже открыт для обслуживания."),
    "computer_silent": _l("ПК не на связи."),
    "computer_on": _l("ПК уже включён."),
    "mac_unknown": _l("ПК ещё не рассказал о своей сетевой карте: включите его один раз кнопкой."),
    "agent_too_old": _l("Агент на этом ПК старый и так не умеет: обновите его."),
    "session_not_shown": _l("За ПК только что сели играть. Откройте вопрос ещё раз."),
    "volume_out_of_range": _l("Громкость от 0 до 100."),
    "not_allowed": _l("На это у вас нет прав."),
    "no_such_customer": _l("Клиента с таким логином нет."),
    "picture_unknown": _l("Такого снимка нет, он не ваш или его время вышло."),
    "no_time_left": _l("У клиента нет купленного времени: выберите тариф."),
    "not_enough_money": _l("На балансе не хватает денег."),
    "session_not_paused": _l("Сеанс не на паузе."),
    "session_not_unreachable": _l("ПК снова на связи, резерв снимать не нужно."),
    "session_over": _l("Сеанс уже закончен."),
    "no_balance": _l("У гостя нет баланса: продайте ему время на стойке."),
    "no_computers_chosen": _l("Выберите ПК."),
    "nobody_plays": _l("Здесь никто не играет."),
    "price_changed": _l("Цена или список изменились. Проверьте сумму и нажмите ещё раз."),
    "received_too_little": _l("Получено меньше, чем нужно."),
    "too_many_computers": _l("Не больше 500 ПК за один раз."),
    "session_unreachable": _l("ПК не на связи. Дождитесь его или снимите резерв."),
    "customer_plays": _l("Клиент сейчас играет. Сначала завершите его сеанс."),
    "new_password_needed": _l("Это одноразовый ПИН: нужен новый пароль."),
    "take_back_not_yours": _l(
        "Вернуть пополнение может тот, кто его сделал, в течение 2 минут, а потом управляющий или владелец."
    ),
    "take_back_too_late": _l(
        "Прошло больше 2 минут. Вернуть это пополнение может управляющий или владелец."
    ),
    "top_up_spent": _l("Эти деньги уже потрачены."),
    "terminal_busy": _l("Терминал занят другой операцией. Дождитесь её конца и повторите."),
    "terminal_not_allowed": _l(
        "Терминал не пускает программу: нажмите на нём «Разрешить» и повторите."
    ),
    "payment_whole_tenge": _l("Терминал принимает только целые тенге."),
    "kaspi_by_code": _l(
        "Kaspi принимается по счёту или QR: продавайте в окне стойки, код появится на экране."
    ),
    "order_late": _l("Оплата пришла после срока счёта или его отмены."),
    "seat_taken": _l("За ПК уже другой игрок, или прежний ушёл."),
    "payment_without_credit": _l("У этого платежа нет денег, которые ждут гостя."),
    "operation_missing": _l("Впишите номер операции из чека Kaspi."),
    "kaspi_by_payment_number": _l(
        "Клиент платит через Kaspi сам, по своему платёжному номеру: деньги придут без кассира."
    ),
    "refund_of_sale": _l("Этими деньгами оплачена продажа на стойке, вернуть их отсюда нельзя."),
    "operation_known": _l("Эта операция уже записана."),
    "operation_malformed": _l("Номер операции из чека Kaspi: от 4 до 40 латинских букв и цифр."),
    "payment_unknown": _l("Такого платежа нет."),
    "payment_not_offered": _l("При выбранном режиме Kaspi так принять оплату нельзя."),
    "payment_rejected": _l("Kaspi отказал. Подробности в истории платежа."),
    "payment_misconfigured": _l(
        "Kaspi не узнаёт устройство, торговую точку или сертификат клуба: это чинит владелец."
    ),
    "payment_not_refundable": _l("Вернуть отсюда нельзя: верните в программе Kaspi Pay."),
    "payment_not_cancellable": _l("Отменить счёт отсюда нельзя."),
    "payment_not_open": _l("Этот счёт уже не ждёт оплаты."),
    "payment_not_paid": _l("Возвращать нечего: платёж не зачислен или уже возвращён."),
    "payment_not_in_review": _l("Этот платёж не ждёт проверки."),
    "phone_missing": _l("Для счёта в Kaspi нужен телефон клиента."),
    "registry_unreadable": _l(
        "В файле не нашлось колонок с номером операции, суммой и датой, или под ними пусто."
    ),
    "refund_out_of_range": _l("Вернуть можно не больше того, что осталось от платежа."),
    "refund_spent": _l("Эти деньги уже потрачены."),
    "top_up_of_payment": _l("Это платёж Kaspi: верните его на странице «Kaspi»."),
    "wrong_code": _l("Неверный код."),
}


def refusal(code: str) -> str:
    """The sentence for a code. A code without one is a mistake of ours: it is shown as it is."""
    known = _REFUSALS.get(code)
    return str(known) if known is not None else code


def refusal_of(refused: OperationRefused) -> str:
    """The sentence for a refused operation, with its values."""
    text = _with_values(refused)
    # An operation on several PCs says which one is in the way.
    return f"{refused.values['computer']}: {text}" if "computer" in refused.values else text


def _with_values(refused: OperationRefused) -> str:
    needs, told = _DETAILED.get(refused.code, ("", None))
    if told is None or refused.values.get(needs) in {None, ""}:
        return refusal(refused.code)
    return told(refused.values)


def _money(tiyn: Any) -> str:
    return formatting.money(int(tiyn), formatting.currency_sign())


def _money_left(values: Values) -> str:
    return gettext(
        "Деньги уже потрачены: на балансе осталось %(left)s.", left=_money(values["left_tiyn"])
    )


_DETAILED: dict[str, tuple[str, Callable[[Values], str]]] = {
    "too_many_attempts": (
        "seconds",
        lambda values: gettext(
            "Слишком много попыток. Попробуйте через %(seconds)s с.", seconds=values["seconds"]
        ),
    ),
    "move_in_use": (
        "logins",
        lambda values: gettext(
            "Отменить нельзя: клиенты уже играли, тратили или платили (%(logins)s).",
            logins=values["logins"],
        ),
    ),
    "top_up_spent": ("left_tiyn", _money_left),
    "refund_spent": ("left_tiyn", _money_left),
    "refund_bonus_spent": (
        "left_tiyn",
        lambda values: gettext(
            "Бонусы за этот платёж уже потрачены: вернуть можно не больше %(left)s.",
            left=_money(values["left_tiyn"]),
        ),
    ),
    "already_taken": (
        "name",
        lambda values: gettext("Этим уже занимается %(name)s.", name=values["name"]),
    ),
    "shift_open_already": (
        "name",
        lambda values: gettext("Смена уже открыта: %(name)s.", name=values["name"]),
    ),
    "computer_kept": (
        "until_at",
        lambda values: gettext(
            "ПК отложен до %(until)s: %(for_whom)s.",
            until=formatting.clock(int(values["until_at"])),
            for_whom=values["for_whom"],
        ),
    ),
    "computer_broken": (
        "reason",
        lambda values: gettext("ПК сломан: %(reason)s.", reason=values["reason"]),
    ),
    "zone_difference": (
        "amount_tiyn",
        lambda values: gettext(
            "В той зоне дороже: доплата за остаток времени %(amount)s.",
            amount=_money(values["amount_tiyn"]),
        ),
    ),
    "zone_convert": (
        "seconds",
        lambda values: gettext(
            "В той зоне время стоит иначе: %(before)s станут %(after)s.",
            before=formatting.duration(int(values["seconds"])),
            after=formatting.duration(int(values["becomes"])),
        ),
    ),
    "number_taken": (
        "number",
        lambda values: gettext("Номер %(number)s уже у другого ПК.", number=values["number"]),
    ),
}
"""Refusals that tell more with a value: which one it takes, and how the sentence goes then."""
