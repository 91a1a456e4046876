"""The page on which a person pays: both languages, one button, no script."""

from __future__ import annotations

from html import escape
from typing import Any

_STYLE = (
    "body{font:18px/1.6 sans-serif;max-width:30em;margin:2em auto;padding:0 1em;color:#1a1a1a;background:#fff}"
    "button,a{display:block;width:100%;box-sizing:border-box;min-height:60px;font-size:20px;text-align:center;"
    "background:#0b5cad;color:#fff;border:0;border-radius:8px;line-height:60px;text-decoration:none}"
    ":focus-visible{outline:3px solid #d05a00;outline-offset:3px}"
    "li{display:flex;justify-content:space-between;gap:1em}ul{padding:0}"
)
TRANSFER = "transfer"
"""A way of paying that cannot be held."""
_STATES = {
    "created": "待支付 To be paid",
    "paid": "已支付 Paid",
    "authorized": "已冻结，未扣款 Held, not taken",
    "captured": "已扣款 Taken",
    "voided": "已解冻，未扣款 Released, nothing taken",
    "expired": "已过期，请返回重新发起支付 Expired: go back and start a new payment",
}


def pay_page(state: str, number: str, order: dict[str, Any]) -> str:
    """The page of one payment in its state: with a button while it can be paid, else with the way back."""
    items = "".join(
        f"<li><span>{escape(item['number'])} · {escape(item['payee'])}</span>"
        f"<b>{_yuan(item['amountFen'])}</b></li>"
        for item in order["orders"]
    )
    is_to_hold = order.get("hold") is True
    button = "确认冻结（预授权） Hold" if is_to_hold else "确认支付 Pay"
    transfer = (
        f'<button formaction="/pay/{escape(number)}?means={TRANSFER}">'
        "银行转账，立即扣款 Bank transfer, taken now</button>"
        if is_to_hold
        else ""
    )
    told = "<p>现在只冻结，办理通过后才扣款 Held now, taken only when it is granted</p>" if is_to_hold else ""
    action = (
        f'<form method="post" action="/pay/{escape(number)}"><button autofocus>{button}</button>{transfer}</form>'
        if state == "created"
        else f'<a href="{escape(order["returnUrl"])}">返回 Back</a>'
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>统一收银台（模拟） Mock cashier</title><style>{_STYLE}</style></head><body><main>"
        "<h1>统一收银台（模拟） <span lang=en>Mock cashier</span></h1>"
        f"<p>{escape(number)}</p><p><strong>{_STATES[state]}</strong></p><ul>{items}</ul>"
        f"<p>合计 Total <b>{_yuan(order['amountFen'])}</b></p>{told}{action}</main></body></html>"
    )


def _yuan(fen: int) -> str:
    """Money stays whole numbers: 1234 fen is ¥12.34."""
    return f"¥{fen // 100}.{fen % 100:02d}"
