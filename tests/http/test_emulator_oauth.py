"""Signing in at the emulator: codes, tokens and what they are good for."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlencode, urlsplit

from support.process import EMULATOR_CLIENT
from support.wire import request, wait_until
from support.workspace import EmulatorCase, claims, unurl64

ME = "/api/2.0/preview/scim/v2/Me"
LIST = "/api/2.0/serving-endpoints"
BACK = "http://localhost:8020/callback?x=1"
VERIFIER = "v" * 43
BASIC = "Basic " + base64.b64encode(":".join(EMULATOR_CLIENT).encode()
                                    ).decode()


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def challenge(verifier):
    return url64(hashlib.sha256(verifier.encode()).digest())


class OAuth(EmulatorCase):
    def token(self, basic=BASIC, kind="application/x-www-form-urlencoded",
              **form):
        headers = {"Content-Type": kind}
        if basic:
            headers["Authorization"] = basic
        return request(self.emulator.port, "POST", "/oidc/v1/token", headers,
                       urlencode(form).encode())

    def machine(self, **more):
        return self.token(grant_type="client_credentials", **more)

    def authorize(self, **changed):
        asked = {"response_type": "code", "client_id": "databricks-cli",
                 "redirect_uri": BACK, "state": "a b",
                 "scope": "all-apis offline_access openid",
                 "code_challenge": challenge(VERIFIER),
                 "code_challenge_method": "S256",
                 "login_hint": "ann@example.com", **changed}
        return self.call("GET", "/oidc/v1/authorize?" + urlencode(
            {k: v for k, v in asked.items() if v is not None}), token=None)

    def came_back(self, response):
        """The members that the redirect brings to the client."""
        self.assertEqual(response.status, 302, response)
        place = urlsplit(response.header("location"))
        self.assertEqual(place.netloc, "localhost:8020")
        return {k: v[0] for k, v in parse_qs(place.query).items()}

    def code(self, **changed):
        return self.came_back(self.authorize(**changed))["code"]

    def redeem(self, code, basic=None, **changed):
        form = {"grant_type": "authorization_code", "code": code,
                "redirect_uri": BACK, "code_verifier": VERIFIER,
                "client_id": "databricks-cli", **changed}
        return self.token(basic, **form)

    def no(self, response, error, status=400):
        self.assertEqual(response.status, status, response)
        self.assertEqual(response.json["error"], error)
        self.assertTrue(response.json["error_description"])

    def works(self, token, path=ME):
        return self.call("GET", path, token=token).status


class Machines(OAuth):
    def test_token_is_signed_and_says_what_it_is(self):
        answer = self.machine(scope="all-apis").json
        self.assertEqual({k: v for k, v in answer.items()
                          if k != "access_token"},
                         {"scope": "all-apis", "token_type": "Bearer",
                          "expires_in": 3600})
        head, body, signature = answer["access_token"].split(".")
        self.assertEqual(json.loads(unurl64(head)), {
            "typ": "at+jwt", "alg": "RS256", "kid": "demo-key-1"})
        said = claims(answer["access_token"])
        self.assertEqual(said["sub"], EMULATOR_CLIENT[0])
        self.assertEqual(said["client_id"], EMULATOR_CLIENT[0])
        self.assertEqual(said["scope"], "all-apis")
        self.assertEqual(said["aud"], "6051921418418893")
        self.assertEqual(said["iss"], self.emulator.url + "/oidc")
        self.assertEqual(said["exp"] - said["iat"], 3600)
        self.assertTrue(said["jti"])
        self.check_signature(f"{head}.{body}".encode(), unurl64(signature))

    def check_signature(self, text, signature):
        key, = request(self.emulator.port, "GET",
                       "/oidc/jwks.json").json["keys"]
        self.assertEqual((key["kty"], key["alg"], key["kid"]),
                         ("RSA", "RS256", "demo-key-1"))
        n, e = (int.from_bytes(unurl64(key[k]), "big") for k in "ne")
        opened = pow(int.from_bytes(signature, "big"), e, n).to_bytes(
            256, "big")
        expected = (bytes.fromhex("3031300d060960864801650304020105000420")
                    + hashlib.sha256(text).digest())
        self.assertEqual(opened, b"\0\1" + b"\xff" * (
            253 - len(expected)) + b"\0" + expected)

    def test_who_the_machine_is(self):
        token = self.machine().json["access_token"]
        me = self.call("GET", ME, token=token)
        self.assertEqual(me.json["userName"], EMULATOR_CLIENT[0])
        self.assertNotIn("emails", me.json)
        self.assertEqual(me.header("x-databricks-org-id"), "6051921418418893")
        owner = self.call("GET", ME).json
        self.assertEqual(owner["userName"], "demo.user@example.com")
        self.assertEqual(owner["emails"][0]["value"], owner["userName"])

    def test_wrong_requests_are_refused(self):
        self.no(self.machine(basic="Basic " + base64.b64encode(
            b"a:b").decode()), "invalid_client", 401)
        self.no(self.machine(basic=None), "invalid_client", 401)
        self.no(self.machine(basic=None, client_id="databricks-cli"),
                "invalid_client", 401)
        self.no(self.machine(scope="everything"), "invalid_scope")
        self.no(self.machine(scope="all-apis offline_access"),
                "invalid_scope")
        self.no(self.machine(kind="application/json"), "invalid_request")
        self.no(self.token(grant_type="password"), "unsupported_grant_type")
        self.assertEqual(self.machine(
            basic=None, client_id=EMULATOR_CLIENT[0],
            client_secret=EMULATOR_CLIENT[1]).status, 200)

    def test_scopes_decide(self):
        token = self.machine(scope="genie sql").json["access_token"]
        self.assertEqual(self.works(token, "/api/2.0/genie/spaces"), 200)
        self.refused(self.call("GET", LIST, token=token), 403,
                     "required scopes: model-serving")
        for scope, status in (("serving.serving-endpoints", 200),
                              ("dashboards.genie", 403)):
            self.assertEqual(self.works(
                f"user-token:ann@example.com:{scope}", LIST), status)
        self.assertEqual(self.works("user-token:ann@example.com:"
                                    "dashboards.genie",
                                    "/api/2.0/genie/spaces"), 200)

    def test_unusual_answers(self):
        for fault, check in (
                ("expires-in-string", lambda a: a["expires_in"] == "3600"),
                ("expires-in-missing", lambda a: "expires_in" not in a),
                ("ttl-7", lambda a: a["expires_in"] == 7),
                ("token-only", lambda a: list(a) == ["access_token"])):
            self.emulator.control("oauth-token", fault, 1)
            answer = self.machine()
            self.assertTrue(check(answer.json), answer)
            self.assertEqual(self.works(answer.json["access_token"]), 200)
        self.emulator.control("oauth-token", "okta-error", 1)
        self.assertEqual(set(self.machine().json),
                         {"errorCode", "errorSummary"})
        for status in (401, 500, 503):
            self.emulator.control("oauth-token", f"error-{status}", 1)
            self.assertEqual(self.machine().status, status)
        self.assertEqual(self.machine().status, 200)

    def test_tokens_expire_and_are_taken_back(self):
        self.emulator.control("oauth-token", "ttl-1", 1)
        brief = self.machine().json["access_token"]
        first, second, third = (self.machine().json["access_token"]
                                for _ in range(3))
        self.assertEqual(self.works(brief), 200)
        self.assertEqual(self.call("POST", "/emulator/revoke",
                                   {"token": first}).status, 200)
        refused = self.call("GET", ME, token=first)
        self.assertEqual((refused.status, refused.json), (
            403, {"error_code": 403, "message": "Invalid access token."}))
        self.assertEqual(self.works(second), 200)
        self.assertEqual(self.call("POST", "/emulator/revoke", {}).status,
                         200)
        self.assertEqual((self.works(second), self.works(third)), (403, 403))
        person = "user-token:eve@example.com:genie"
        self.assertEqual(self.works(person), 200)
        self.call("POST", "/emulator/revoke", {"token": person})
        self.assertEqual(self.works(person), 403)
        for body in ({"all": True}, {"token": 1}, [], None):
            self.assertEqual(self.call("POST", "/emulator/revoke",
                                       body).status, 400)
        wait_until(lambda: self.works(brief) == 403, what="expiry")


class People(OAuth):
    def test_a_code_becomes_tokens_once(self):
        back = self.came_back(self.authorize(nonce="n1"))
        self.assertEqual((back["state"], back["x"]), ("a b", "1"))
        answer = self.redeem(back["code"])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.header("cache-control"), "no-store")
        tokens = answer.json
        me = self.call("GET", ME, token=tokens["access_token"]).json
        self.assertEqual(me["userName"], "ann@example.com")
        said = claims(tokens["id_token"])
        self.assertEqual((said["aud"], said["email"], said["nonce"]),
                         ("databricks-cli", "ann@example.com", "n1"))
        self.assertEqual(claims(tokens["access_token"])["sub"],
                         "ann@example.com")
        self.no(self.redeem(back["code"]), "invalid_grant")

    def test_scopes_say_what_else_comes(self):
        answer = self.redeem(self.code(scope="genie")).json
        self.assertNotIn("refresh_token", answer)
        self.assertNotIn("id_token", answer)
        self.assertEqual(answer["scope"], "genie")
        self.assertEqual(self.works(answer["access_token"], LIST), 403)

    def test_refreshing_gives_the_next_pair(self):
        first = self.redeem(self.code()).json["refresh_token"]
        form = {"grant_type": "refresh_token", "client_id": "databricks-cli"}
        second = self.token(None, refresh_token=first, **form)
        self.assertEqual(second.status, 200, second)
        self.assertNotEqual(second.json["refresh_token"], first)
        self.assertEqual(self.works(second.json["access_token"], LIST), 200)
        self.no(self.token(None, refresh_token=first, **form),
                "invalid_grant")
        third = second.json["refresh_token"]
        self.no(self.token(refresh_token=third, grant_type="refresh_token"),
                "invalid_grant")
        self.no(self.token(None, refresh_token=third, scope="sql", **form),
                "invalid_scope")
        less = self.token(None, refresh_token=third, scope="openid", **form)
        self.assertEqual(less.json["scope"], "openid")

    def test_an_assertion_becomes_a_token(self):
        identity = self.redeem(self.code()).json["id_token"]
        kind = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        answer = self.token(grant_type=kind, assertion=identity)
        self.assertEqual(claims(answer.json["access_token"])["sub"],
                         "ann@example.com")
        self.assertNotIn("refresh_token", answer.json)
        self.no(self.token(grant_type=kind, assertion="a.b.c"),
                "invalid_grant")

    def test_proof_and_place_must_be_right(self):
        for changed in ({"code_verifier": "w" * 43}, {"code_verifier": ""},
                        {"redirect_uri": "http://localhost:8020/"},
                        {"client_id": EMULATOR_CLIENT[0],
                         "client_secret": EMULATOR_CLIENT[1]}):
            code = self.code()
            self.no(self.redeem(code, **changed), "invalid_grant")
            self.no(self.redeem(code), "invalid_grant")
        self.no(self.redeem("dcodnothing"), "invalid_grant")
        code = self.code(client_id=EMULATOR_CLIENT[0])
        self.assertEqual(self.redeem(code, BASIC, client_id=EMULATOR_CLIENT[
            0]).status, 200)

    def test_nobody_is_sent_where_he_does_not_belong(self):
        for place in ("https://evil.example.com/", "http://localhost.evil/",
                      "javascript:alert(1)", "http://localhost:1/#x", ""):
            self.refused(self.authorize(redirect_uri=place), 400,
                         "redirect_uri")
        self.refused(self.authorize(client_id="another"), 400, "client_id")

    def test_other_mistakes_go_back_to_the_client(self):
        for changed, error in (
                ({"response_type": "token"}, "unsupported_response_type"),
                ({"code_challenge": None}, "invalid_request"),
                ({"code_challenge_method": "plain"}, "invalid_request"),
                ({"state": None}, "invalid_request"),
                ({"scope": "everything"}, "invalid_scope"),
                ({"scope": None}, "invalid_scope")):
            back = self.came_back(self.authorize(**changed))
            self.assertEqual(back["error"], error)
            self.assertNotIn("code", back)
        self.emulator.control("sign-in", "access-denied", 1)
        self.assertEqual(self.came_back(self.authorize())["error"],
                         "access_denied")
        self.emulator.control("sign-in", "error-503", 1)
        self.assertEqual(self.authorize().status, 503)

    def test_metadata_tell_what_there_is(self):
        for name in ("openid-configuration", "oauth-authorization-server"):
            document = request(self.emulator.port, "GET",
                               "/oidc/.well-known/" + name).json
            self.assertEqual(document["jwks_uri"],
                             self.emulator.url + "/oidc/jwks.json")
            self.assertIn("refresh_token", document["grant_types_supported"])
            self.assertEqual(document["code_challenge_methods_supported"],
                             ["S256"])
        host = request(self.emulator.port, "GET",
                       "/.well-known/databricks-config").json
        self.assertEqual(host["oidc_endpoint"], self.emulator.url + "/oidc")

    def test_metadata_may_be_missing(self):
        for path in ("/.well-known/databricks-config",
                     "/oidc/.well-known/openid-configuration"):
            self.emulator.control("metadata", "error-404", 1)
            self.assertEqual([self.call("GET", path, token=None).status
                              for _ in range(2)], [404, 200])

    def test_scim_fails_in_its_own_shape(self):
        self.emulator.control("scim", "error-404", 1)
        answer = self.call("GET", ME)
        self.assertEqual(answer.header("content-type"),
                         "application/scim+json")
        self.assertEqual(answer.json["status"], "404")
        self.assertEqual(self.call("GET", ME).status, 200)
