/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * Encrypts what has to be read again: secrets of access keys, with AES-256-GCM under a key of its own file (mode 0600,
 * made at the first start). The log and its copies do not hold the key. Immutable.
 */
public final class KeyFile {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final @Nullable Path file;
    private final SecretKeySpec key;

    private KeyFile(@Nullable Path file, byte[] key) {
        this.file = file;
        this.key = new SecretKeySpec(key, "AES");
    }

    /**
     * Opens the key of these settings, or one for this process only if they name no file.
     *
     * @throws IOException if it cannot be read or made, holds no key, or others than its owner may read it
     */
    public static KeyFile open(SecuritySettings settings) throws IOException {
        SecuritySettings.Files files = settings.files();
        return files == null ? new KeyFile(null, Passwords.random(KEY_BYTES)) : open(files.key());
    }

    private static KeyFile open(Path file) throws IOException {
        if (!Files.exists(file)) {
            String text = Base64.getEncoder().encodeToString(Passwords.random(KEY_BYTES));
            PrivateFile.write(file, text + "\n");
        }
        PrivateFile.check(file);
        try {
            byte[] key =
                    Base64.getDecoder().decode(Files.readString(file, US_ASCII).strip());
            if (key.length == KEY_BYTES) {
                return new KeyFile(file, key);
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("security.key-file " + file + " does not hold a key in Base64", e);
        }
        throw new IOException("security.key-file " + file + " does not hold a key of " + KEY_BYTES + " bytes");
    }

    /** @param name what the secret belongs to: it opens for no other name */
    byte[] encrypt(String name, String secret) {
        byte[] nonce = Passwords.random(NONCE_BYTES);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, name).doFinal(secret.getBytes(UTF_8));
            byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
            System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
            return all;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES/GCM", e);
        }
    }

    /** @throws BrokerException UNAVAILABLE if it was encrypted under another key */
    byte[] decrypt(String name, byte[] encrypted) {
        byte[] nonce = Arrays.copyOf(encrypted, NONCE_BYTES);
        try {
            return cipher(Cipher.DECRYPT_MODE, nonce, name)
                    .doFinal(encrypted, NONCE_BYTES, encrypted.length - NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new BrokerException(
                    Reason.UNAVAILABLE, "access key " + name + " was made under another key file than " + file, e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String name) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(name.getBytes(UTF_8));
        return cipher;
    }
}
