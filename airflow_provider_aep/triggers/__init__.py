"""What waits in the triggerer. `triggers.flow_run` exports every public class."""
