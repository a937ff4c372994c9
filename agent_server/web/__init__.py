"""HTTP below the endpoints: the server, its pages, who is at the door, refusals, the OpenAPI document."""
