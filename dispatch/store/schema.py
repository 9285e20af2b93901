"""The shape of the database: which one it has, and how it gets to the one this program needs."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.orm import Session

from dispatch.store.database import Database
from dispatch.store.errors import SchemaError

HEAD = "0014"
"""The shape this program needs, the last of ``migrations/versions``."""


def upgrade(database: Database, to: str = HEAD) -> None:
    """Brings the database up to a shape, all or nothing; makes it if there is none."""
    with database.founding() as connection:
        _refuse_newer(database, _shape(connection))
        command.upgrade(_config(connection), to)


def downgrade(database: Database, to: str) -> None:
    """Takes the database back to an earlier shape (``base``: empty), all or nothing."""
    with database.founding() as connection:
        _refuse_newer(database, _shape(connection))
        command.downgrade(_config(connection), to)


def shape_of(session: Session) -> str | None:
    """The number of the shape that the database has; None if it is empty."""
    return _shape(session.connection())


def _shape(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def need_shape(database: Database) -> None:
    """Raises SchemaError unless the database has the shape that this program needs."""
    with database.reading() as session:
        found = shape_of(session)
    if found is None:
        raise SchemaError(
            f"The database {database.place} is empty. Make its tables with dispatch init.",
            f"数据库 {database.place} 是空的。请先运行 dispatch init 建表。",
        )
    if found < HEAD:
        raise SchemaError(
            f"The database {database.place} has the shape {found}, this program needs {HEAD}."
            " Run dispatch db upgrade.",
            f"数据库 {database.place} 的结构版本为 {found}，本程序需要 {HEAD}。"
            "请运行 dispatch db upgrade。",
        )
    _refuse_newer(database, found)


def _refuse_newer(database: Database, found: str | None) -> None:
    if found is not None and found > HEAD:
        raise SchemaError(
            f"The database {database.place} has the shape {found}, this program knows {HEAD} at"
            " most. Use a newer version of the program.",
            f"数据库 {database.place} 的结构版本为 {found}，本程序最高支持 {HEAD}。"
            "请使用更新版本的程序。",
        )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "dispatch.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
