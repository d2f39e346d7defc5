"""Modules of the SDK that hold values of the API."""
