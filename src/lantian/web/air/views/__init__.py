"""The pages of the air; each module has the views and addresses of one."""
