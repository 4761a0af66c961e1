"""Rules over events as data, one file each; see `service.enforcement.events.rule`."""
