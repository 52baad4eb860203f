"""The verbs of the command, one module each; a module is loaded when its verb is called."""
