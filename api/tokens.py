"""Tokens of an OpenID Connect issuer (JWT), as an alternative to keys."""

import json
import math
import time
from pathlib import Path
from typing import Any

import jwt

from api.settings import Oidc, SettingError
from dispatch.domain.access import OF_ONE_TECHNICIAN, Grant, Role

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Only those with a public key: nobody who can check a token can make one."""
_ROLE = "dispatch_role"
_TERRITORIES = "dispatch_territories"
_ALL = "*"
_TECHNICIAN = "dispatch_technician"
_CLOCKS_DIFFER_S = 10
_KEYS_FOR_S = 300
_FETCH_S = 5
_FETCH_EACH_S = 10


class _Issuer(jwt.PyJWKClient):
    """The issuer's keys, asked for seldom: neither tokens with made-up key ids nor an issuer who is
    down make more requests, and those who have good tokens wait for few of them."""

    def __init__(self, address: str) -> None:
        super().__init__(address, lifespan=_KEYS_FOR_S, timeout=_FETCH_S)
        self._asked_at = -math.inf

    def fetch_data(self) -> Any:  # noqa: ANN401 - as it is there
        now = time.monotonic()
        if now < self._asked_at + _FETCH_EACH_S:
            raise jwt.PyJWKClientError("The issuer was asked for its keys a moment ago")
        self._asked_at = now
        return super().fetch_data()


class Tokens:
    """Checks tokens of one issuer. Raises SettingError if its keys cannot be read."""

    def __init__(self, oidc: Oidc) -> None:
        self._oidc = oidc
        self._keys: _Issuer | jwt.PyJWKSet = (
            _Issuer(oidc.jwks) if oidc.jwks.startswith("https://") else _read(oidc.jwks)
        )

    def grant_of(self, token: str) -> Grant | None:
        """What a token grants; None if it is not good."""
        try:
            claims = jwt.decode(
                token,
                self._key(token),
                algorithms=_ALGORITHMS,
                audience=self._oidc.audience,
                issuer=self._oidc.issuer,
                leeway=_CLOCKS_DIFFER_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError:
            return None
        return _grant(claims)

    def _key(self, token: str) -> jwt.PyJWK:
        if isinstance(self._keys, _Issuer):
            return self._keys.get_signing_key_from_jwt(token)
        kid = jwt.get_unverified_header(token).get("kid")
        found = [key for key in self._keys.keys if kid is None or key.key_id == kid]
        if len(found) != 1:
            raise jwt.InvalidKeyError(f"{len(found)} keys with the id {kid!r}")
        return found[0]


def _read(path: str) -> jwt.PyJWKSet:
    try:
        return jwt.PyJWKSet.from_dict(json.loads(Path(path).read_text("utf-8")))
    except (OSError, ValueError, jwt.PyJWTError) as error:
        raise SettingError(
            f"DISPATCH_OIDC_JWKS {path!r} cannot be read as a set of public keys: {error}. Name a"
            " JWKS file or an https address.",
            f"DISPATCH_OIDC_JWKS {path!r} 无法读取为公钥集：{error}。"
            "请指定 JWKS 文件或 https 地址。",
        ) from error


def _grant(claims: dict[str, Any]) -> Grant | None:
    """The grant that claims describe; None if they are not those that are asked for."""
    role = next((r for r in Role if r.value == claims.get(_ROLE)), None)
    territories = claims.get(_TERRITORIES)
    technician = claims.get(_TECHNICIAN)
    if role is None or role is Role.CALENDAR:
        return None
    if role in OF_ONE_TECHNICIAN or territories == [_ALL]:
        territories = []
    elif not isinstance(territories, list) or not territories:
        return None  # nobody sees everything because a claim was forgotten
    if not all(isinstance(territory, str) for territory in territories):
        return None
    if (role in OF_ONE_TECHNICIAN) != isinstance(technician, str):
        return None
    subject = str(claims["sub"])
    return Grant(f"sub:{subject}", subject, role, tuple(territories), technician)
