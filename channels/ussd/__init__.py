"""What every USSD gateway's channel shares: screens of plain letters, and the words around them."""
