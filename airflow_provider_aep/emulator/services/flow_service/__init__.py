"""Flow Service: connections, source and target connections, flows, runs and the specs they follow."""
