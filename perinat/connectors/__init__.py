"""National services other than DMP and MSSanté; each connector has the shape of a gateway."""
