"""Who: accounts, sign-in, Account Details, roles."""
