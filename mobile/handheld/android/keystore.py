"""The device's secret is kept under a key that never leaves Android's keystore."""

from pathlib import Path

from jnius import JavaException

from handheld.android.jni import java

ALIAS = "stockbook"
PROVIDER = "AndroidKeyStore"
TRANSFORMATION = "AES/GCM/NoPadding"
NONCE_BYTES, TAG_BITS = 12, 128
PURPOSE_BOTH = 1 | 2
"""KeyProperties.PURPOSE_ENCRYPT | PURPOSE_DECRYPT"""


def _key() -> object:
    """Return the app's key, made when first asked for."""
    store = java("java.security.KeyStore").getInstance(PROVIDER)
    store.load(None)
    if not store.containsAlias(ALIAS):
        builder = java("android.security.keystore.KeyGenParameterSpec$Builder")(ALIAS, PURPOSE_BOTH)
        spec = builder.setBlockModes(["GCM"]).setEncryptionPaddings(["NoPadding"]).setKeySize(256).build()
        maker = java("javax.crypto.KeyGenerator").getInstance("AES", PROVIDER)
        maker.init(spec)
        maker.generateKey()
    return store.getKey(ALIAS, None)


def wrap(secret: bytes) -> bytes:
    """Return a secret that only this device's keystore opens: the nonce, then what is sealed."""
    cipher = java("javax.crypto.Cipher").getInstance(TRANSFORMATION)
    cipher.init(java("javax.crypto.Cipher").ENCRYPT_MODE, _key())
    return bytes(cipher.getIV()) + bytes(cipher.doFinal(secret))


def unwrap(sealed: bytes) -> bytes:
    """Return what `wrap` sealed; a ValueError when this keystore's key does not open it."""
    try:
        cipher = java("javax.crypto.Cipher").getInstance(TRANSFORMATION)
        spec = java("javax.crypto.spec.GCMParameterSpec")(TAG_BITS, sealed[:NONCE_BYTES])
        cipher.init(java("javax.crypto.Cipher").DECRYPT_MODE, _key(), spec)
        return bytes(cipher.doFinal(sealed[NONCE_BYTES:]))
    except JavaException as fault:
        raise ValueError(str(fault)) from fault


def lose() -> None:
    """Delete the app's key: what it sealed opens nowhere any more, not even from a copy of the memory."""
    store = java("java.security.KeyStore").getInstance(PROVIDER)
    store.load(None)
    if store.containsAlias(ALIAS):
        store.deleteEntry(ALIAS)


def folder() -> Path:
    """Return the app's own folder, which no other app reads and no backup takes."""
    from handheld.android.jni import activity  # noqa: PLC0415 - needs the running app

    return Path(str(activity().getNoBackupFilesDir().getAbsolutePath()))
