"""Where an embedded server answers, and the proof that it is ours which answers there."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

HOST = "127.0.0.1"
SUPERUSER = "postgres"


@dataclass(frozen=True)
class ServerAddress:
    """Where the server answers, and as whom its superuser gets in."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    def url(self, database: str, user: str | None = None, password: str | None = None) -> str:
        """Give an address for SQLAlchemy: the superuser's, or that of the role named."""
        name = quote(user or self.user, safe="")
        secret = quote(self.password if password is None else password, safe="")
        place = f"{self.host}:{self.port}/{quote(database, safe='')}"
        return f"postgresql+psycopg://{name}:{secret}@{place}"

    def serves(self, data: Path, *, durable: bool) -> bool:
        """Whether what answers here takes our password, has this data and is as safe as asked."""
        question = "SELECT current_setting('data_directory'), current_setting('fsync')"
        try:
            with psycopg.connect(
                host=self.host,
                port=self.port,
                user=self.user,
                password=self.password,
                dbname="postgres",
                connect_timeout=10,
                # What the caller's environment says about other servers is not for this one.
                sslmode="disable",
                gssencmode="disable",
                options="",
            ) as connection:
                answer = connection.execute(question).fetchone()
        except psycopg.OperationalError:
            return False
        return answer == (str(data), "on" if durable else "off")
