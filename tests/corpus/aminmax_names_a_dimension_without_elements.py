# aminmax names itself otherwise than the others do, and counts a dimension without elements from 0.
v0 = T.zeros((2, 0))
v1, v2 = v0.aminmax(dim=-1)
