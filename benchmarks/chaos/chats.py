"""Whose chat a conversation is: how each channel names the shopper and the seller's account."""

from dataclasses import dataclass
from functools import cached_property

from simulator.settings import SELLERS, Channel, Shopper

LINES = {(seller.phone_number_id, line.channel): line.account for seller in SELLERS for line in seller.lines}


@dataclass(frozen=True)
class Chat:
    """A shopper's chat with a seller, who is named by their ``phone_number_id``, on a channel."""

    number: str
    seller: str
    channel: str = "whatsapp"

    @cached_property
    def account(self) -> str:
        """The seller's account, as the channel names it."""
        return LINES[self.seller, Channel(self.channel)]

    @cached_property
    def address(self) -> str:
        """The shopper, as the channel names them."""
        if self.channel == Channel.INSTAGRAM:
            return Shopper("", self.number).instagram_id(self.account)
        return self.number if self.channel.startswith("whatsapp") else f"+{self.number}"
