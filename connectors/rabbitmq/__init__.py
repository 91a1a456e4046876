"""The broker protocol over RabbitMQ 3.10 and later (aio-pika)."""

from connectors.rabbitmq.broker import RabbitMQBroker
from connectors.rabbitmq.topology import IN_EXCHANGE

__all__ = ["IN_EXCHANGE", "RabbitMQBroker"]
