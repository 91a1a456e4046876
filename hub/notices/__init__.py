"""What people are told by themselves: in the hub, by SMS, mail and push, once in effect."""
