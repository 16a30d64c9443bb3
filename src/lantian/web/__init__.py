"""Django: everything a person sees and everything that is remembered about people and cases."""
