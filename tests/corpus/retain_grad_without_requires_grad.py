# What does not require grad cannot retain one.
v0 = T.tensor([1.0, 2.0])
v0.retain_grad()
