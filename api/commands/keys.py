"""``dispatch keys``: keys for programs that call the API."""

from datetime import UTC, datetime

from api.exits import EXIT_OK
from api.opened import in_use, whoever
from api.screen import print_json, screen, table
from dispatch.commands.keys import make_key, revoke_key
from dispatch.domain.access import Role
from dispatch.store import queries_access
from dispatch.store.retrying import in_writing
from dispatch.texts import Language

_COLUMNS = ("id", "name", "role", "territories", "technician_id", "created_at", "revoked_at")


def create_key(
    name: str,
    role: Role,
    territories: tuple[str, ...],
    technician: str | None,
    as_json: bool,
    lang: Language,
) -> int:
    by, at = whoever(), datetime.now(UTC)
    with in_use() as database:
        made = in_writing(
            database, lambda s: make_key(s, name, role, by, at, territories, technician)
        )
    if as_json:
        print_json(made)
        return EXIT_OK
    said = lang.pick(
        f"Key {made.id} of {made.name} ({made.role}). It is shown this once:",
        f"{made.name} 的密钥 {made.id}（{made.role}）。仅显示这一次：",
    )
    screen(errors=True).print(said, soft_wrap=True)
    screen().print(made.key, soft_wrap=True)
    return EXIT_OK


def list_keys(as_json: bool, lang: Language) -> int:
    with in_use() as database, database.reading() as session:
        rows = [
            {name: getattr(row, name) for name in _COLUMNS}
            for row in queries_access.all_keys(session)
        ]
    if as_json:
        print_json(rows)
        return EXIT_OK
    made = table(
        lang.pick("id", "编号"),
        lang.pick("name", "名称"),
        lang.pick("role", "角色"),
        lang.pick("sees", "可见范围"),
        lang.pick("made", "创建"),
        lang.pick("revoked", "吊销"),
    )
    for row in rows:
        sees = row["technician_id"] or ", ".join(row["territories"]) or lang.pick("all", "全部")
        revoked = f"{row['revoked_at']:%Y-%m-%d %H:%M}" if row["revoked_at"] else "–"
        created = f"{row['created_at']:%Y-%m-%d %H:%M}"
        made.add_row(row["id"], row["name"], row["role"], sees, created, revoked)
    screen().print(made)
    return EXIT_OK


def revoke_key_of(key_id: str, reason: str, lang: Language) -> int:
    by, at = whoever(), datetime.now(UTC)
    with in_use() as database:
        in_writing(database, lambda s: revoke_key(s, key_id, by, at, reason))
    screen().print(lang.pick(f"Key {key_id} is revoked.", f"密钥 {key_id} 已吊销。"))
    return EXIT_OK
