"""
Small servers that stand in for Flickr, SmugMug, Google and Facebook, where these can't be reached:
in the tests, and in a demo. They check what they are asked with oauthlib's server side, answer in
the services' own forms, page, cap and fail as these do, and hold as many pictures as they are told.
"""
