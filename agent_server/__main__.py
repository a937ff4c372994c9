from agent_server.cli import main

main()
