"""What a patient may ask of a clinic about their data, and how it is carried out.

It reaches every room that holds something of a patient, so it lies above them all but the desk.
Words: a *request* is what was asked, a *decision* what becomes of one class of data and why, to
*erase* is to destroy the class's key and then to remove what the key had closed.
"""
