"""Africa's Talking's SMS API, pretended."""
