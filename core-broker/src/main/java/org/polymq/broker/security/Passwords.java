/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/** The arithmetic of passwords: PBKDF2-HMAC-SHA-256 and the keys of SCRAM-SHA-256 (RFC 5802, 7677). Pure but random. */
final class Passwords {
    /** The shortest password one may set, in characters. */
    static final int MIN_LENGTH = 8;
    /** The longest password, in characters: what is longer is no password but an attack. */
    static final int MAX_LENGTH = 1024;

    private static final int SALT_BYTES = 16;
    private static final int KEY_BITS = 256;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Passwords() {}

    /** @throws BrokerException INVALID_REQUEST if it is too short or too long to be set */
    static void check(String password) {
        if (password.length() < MIN_LENGTH || password.length() > MAX_LENGTH) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST,
                    "a password has " + MIN_LENGTH + " to " + MAX_LENGTH + " characters, not " + password.length());
        }
    }

    /** Slow on purpose: never on an event loop. */
    static Verifier verifier(String password, int iterations) {
        byte[] salt = random(SALT_BYTES);
        byte[] salted = salted(password, salt, iterations);
        return new Verifier(salt, iterations, sha256(clientKey(salted)), hmac(salted, "Server Key".getBytes(UTF_8)));
    }

    /** Whether the password is the verifier's. Slow on purpose: never on an event loop. */
    static boolean matches(String password, Verifier verifier) {
        byte[] salted = salted(password, verifier.salt(), verifier.iterations());
        return MessageDigest.isEqual(sha256(clientKey(salted)), verifier.storedKey());
    }

    private static byte[] clientKey(byte[] salted) {
        return hmac(salted, "Client Key".getBytes(UTF_8));
    }

    private static byte[] salted(String password, byte[] salt, int iterations) {
        // SASLprep (RFC 4013) for what people type: NFKC. ASCII stays as it is.
        char[] normal = Normalizer.normalize(password, Normalizer.Form.NFKC).toCharArray();
        PBEKeySpec spec = new PBEKeySpec(normal, salt, iterations, KEY_BITS);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static byte[] hmac(byte[] key, byte[] text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    /** A secret of {@code bytes} random bytes, in letters that need no quoting. */
    static String randomText(int bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random(bytes));
    }
}
