"""Operations that ask for too much, refused before they cost anything."""
