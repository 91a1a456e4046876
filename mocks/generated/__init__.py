"""A believable department made from nothing but its SDL.

Every object is a number. What the object says is a function of the seed, its number and the field's name, never of
the SDL around it: so two mocks of different SDLs, started apart, agree about an object and about the fields that
both have. A key is such a value too, and leads back to the number.
"""
