"""docker-compose.yml and Dockerfile speak of things that exist: commands, variables, ports, checks of health.

The file cannot be run here (no Docker in the tests); what it says is compared with the code instead.
"""

from __future__ import annotations

import json
import re
import shlex
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.urls import resolve

import perinat.celery
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from scripts.product import WORKERS
from tests.architecture.test_env_example import read_by_settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "perinat"}
ONE_SHOT = {"release", "sandbox_data"}


def commands(service: dict[str, Any]) -> list[list[str]]:
    """The commands of a service, one list of words each (`sh -c "a && b"` holds two)."""
    words = service.get("command", [])
    if words[:2] == ["sh", "-c"]:
        return [shlex.split(part) for part in words[2].split("&&")]
    return [words] if words else []


def option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


@pytest.mark.parametrize("name", OURS)
def test_each_command_exists(name: str) -> None:
    assert commands(OURS[name]), f"{name} has no command"
    for words in commands(OURS[name]):
        match words[0]:
            case "python":
                assert words[1] == "manage.py"
                command = load_command_class(get_commands()[words[2]], words[2])
                command.create_parser("manage.py", words[2]).parse_args(words[3:])
            case "celery":
                assert option(words, "-A") == perinat.celery.app.main
                assert words[3] in {"worker", "beat"}
            case "gunicorn":
                assert words[1] == "perinat.wsgi" and (ROOT / "perinat" / "wsgi.py").exists()
            case other:
                raise AssertionError(f"unknown program: {other}")


@pytest.mark.parametrize("name", OURS)
def test_each_variable_is_read_by_the_settings(name: str) -> None:
    assert set(OURS[name]["environment"]) <= read_by_settings()


@pytest.mark.parametrize("name", SERVICES)
def test_each_lasting_service_says_how_it_is(name: str) -> None:
    assert ("healthcheck" in SERVICES[name]) is (name not in ONE_SHOT)


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_waits_for_services_that_exist_and_can_answer(name: str) -> None:
    for other, wanted in SERVICES[name].get("depends_on", {}).items():
        ends = wanted["condition"] == "service_completed_successfully"
        assert other in SERVICES
        assert ends is (other in ONE_SHOT)


def health_url(name: str) -> str:
    found = re.search(r"http://[^']+", SERVICES[name]["healthcheck"]["test"][-1])
    assert found
    return found.group()


def test_the_page_of_health_exists_and_asks_for_no_sign_in(client: Any, db: None) -> None:
    url = urlsplit(health_url("web"))
    assert resolve(url.path)
    assert client.get(url.path).status_code == 200


def test_the_pages_are_listened_to_where_they_are_published_and_checked() -> None:
    words = commands(SERVICES["web"])[0]
    inside = option(words, "--bind").rpartition(":")[2]
    assert f"127.0.0.1:${{WEB_PORT:-8000}}:{inside}" in SERVICES["web"]["ports"]
    assert all(published.startswith("127.0.0.1:") for published in SERVICES["web"]["ports"])
    assert str(urlsplit(health_url("web")).port) == inside
    assert f"EXPOSE {inside}" in DOCKERFILE
    assert "127.0.0.1" in SERVICES["web"]["environment"]["ALLOWED_HOSTS"].split(",")


@pytest.mark.parametrize("name", ["dmp_sandbox", "mssante_sandbox", "annuaire_sandbox", "insi_sandbox"])
def test_a_sandbox_is_checked_on_its_own_port_and_optional(name: str) -> None:
    assert str(urlsplit(health_url(name)).port) == option(commands(SERVICES[name])[0], "--admin-port")
    assert SERVICES[name]["profiles"] == ["sandboxes"]


def test_every_sandbox_command_of_the_product_has_its_service() -> None:
    """A sandbox that is only in the documentation cannot be rehearsed with."""
    known = {name for name in get_commands() if name.endswith("_sandbox")}
    served = {words[2] for service in OURS.values() for words in commands(service) if words[0] == "python"}
    assert known and known <= served
    assert all(SERVICES[name]["profiles"] == ["sandboxes"] for name in known)


def test_pro_sante_connect_has_one_address_for_the_pages_and_for_the_browser() -> None:
    """Its issuer says 127.0.0.1: the same port inside the network of web and on the machine, or nobody can sign in."""
    service, words = SERVICES["psc_sandbox"], commands(SERVICES["psc_sandbox"])[0]
    port = option(words, "--port")
    assert service["network_mode"] == "service:web" and option(words, "--host") == "0.0.0.0"  # noqa: S104
    assert f"127.0.0.1:{port}:{port}" in SERVICES["web"]["ports"]
    with PscSandbox(host="0.0.0.0") as sandbox:  # noqa: S104  # what the health check asks, asked for true
        asked = urlsplit(health_url("psc_sandbox"))
        assert str(asked.port) == port and asked.path == urlsplit(sandbox.discovery_url).path
        with urllib.request.urlopen(sandbox.discovery_url, timeout=5) as answer:
            assert json.load(answer)["issuer"] == f"http://127.0.0.1:{sandbox.port}"


def test_each_queue_has_its_workers_and_each_channel_its_own() -> None:
    """Four silent deliveries to one channel must leave workers to the sweeps, the deposits and the other channel."""
    words = [words for service in OURS.values() for words in commands(service) if words[:4][-1] == "worker"]
    served = [option(one, "-Q").split(",") for one in words]
    queues = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    assert queues == {settings.CELERY_TASK_DEFAULT_QUEUE, *settings.CHANNELS, settings.COLLECTION_QUEUE}
    assert sorted(served) == sorted([name] for name in queues)
    demo = [together.split(",") for together in WORKERS.values()]
    assert sorted(name for together in demo for name in together) == sorted(queues)
    assert ["mssante"] in demo and [settings.COLLECTION_QUEUE] in demo


@pytest.mark.parametrize("name", ["worker", "worker_dmp", "worker_mssante", "worker_collection", "beat"])
def test_the_ping_is_sent_to_the_right_node(name: str) -> None:
    words = commands(SERVICES[name])[0]
    assert option(SERVICES[name]["healthcheck"]["test"], "-d") == option(words, "-n")


def test_the_database_is_the_one_that_the_product_asks_for() -> None:
    given = SERVICES["postgres"]["environment"]
    url = urlsplit(SERVICES["web"]["environment"]["DATABASE_URL"].replace("${POSTGRES_PASSWORD:?}", "secret"))
    assert (url.hostname, url.username, url.path) == ("postgres", given["POSTGRES_USER"], f"/{given['POSTGRES_DB']}")
    assert urlsplit(SERVICES["web"]["environment"]["REDIS_URL"]).hostname == "valkey"


def test_the_image_holds_no_embedded_server_and_runs_as_nobody_special() -> None:
    assert "embedded" not in "".join(re.findall(r"^RUN .*$", DOCKERFILE, flags=re.MULTILINE))
    assert "--locked" in DOCKERFILE and "--no-default-groups" in DOCKERFILE
    assert re.search(r"^USER (?!root)", DOCKERFILE, flags=re.MULTILINE)


def test_the_image_receives_all_the_packages_of_the_product_and_nothing_else() -> None:
    kept = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert all((ROOT / name).exists() for name in kept)
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "scripts"}
    assert packages | {"templates", "manage.py"} <= set(kept)


def test_certificates_of_the_sandboxes_are_made_for_whoever_sends_in_the_demonstration() -> None:
    from coordination.demo import world

    words = commands(SERVICES["sandbox_data"])[0]
    assert words[words.index("--structure") + 1 :] == world.certified()
