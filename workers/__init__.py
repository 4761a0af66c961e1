"""What goes on behind the door: relay, worker, schedule, consumer of the stream."""
