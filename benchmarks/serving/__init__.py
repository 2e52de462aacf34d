"""One loan application decided and recorded, server-side: where its time goes."""
