"""The Models page: what is here, what is on its way, what is to be had."""
