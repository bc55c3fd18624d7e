"""What happens at a site: weather, rooms, machines, tanks, as parts that act on each other. ``simulators/README.md`` lists them."""
