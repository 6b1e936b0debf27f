"""Questions that only a part that is truly ready answers. Each is asked once; no waiting here."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

ANSWER_S: Final = 2.0


def kafka_answers(address: str) -> bool:
    """Whether the broker tells of itself in the cluster's metadata."""
    # aiokafka logs an error for each refused connection: knock first.
    if not _listens(address):
        return False
    # In a thread, as the caller may be inside an event loop.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _has_broker(address)).result()


def mongodb_answers(uri: str) -> bool:
    """Whether the store answers a ping."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        uri, serverSelectionTimeoutMS=int(ANSWER_S * 1000)
    )
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    finally:
        client.close()
    return True


def http_answers(url: str) -> bool:
    """Whether this URL answers 200."""
    try:
        # Without proxies, which know nothing of this machine.
        return httpx.get(url, timeout=ANSWER_S, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=ANSWER_S):
            return True
    except OSError:
        return False


async def _has_broker(address: str) -> bool:
    client = AIOKafkaClient(bootstrap_servers=address, request_timeout_ms=int(ANSWER_S * 1000))
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except KafkaError:
        return False
    finally:
        await client.close()
