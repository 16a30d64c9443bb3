"""Settings, base templates, navigation, search and jobs: what every app of the web shares."""
