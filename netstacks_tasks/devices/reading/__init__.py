"""Reads configurations in processes of their own, where one core is too little."""
