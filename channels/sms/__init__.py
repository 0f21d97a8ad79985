"""What every text message channel shares: how parts are counted, plain letters that save some, the words."""
