/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** The client's side of SCRAM-SHA-256, written after RFC 5802 and not after the broker's side. */
public final class ScramClient {
    private final String bare;
    private final String password;
    private byte[] serverSignature = new byte[0];

    public ScramClient(String user, String password) {
        this.bare = "n=" + user + ",r=rOprNGfwEbeRWgbNEkqO";
        this.password = password;
    }

    public byte[] first() {
        return ("n,," + bare).getBytes(UTF_8);
    }

    public byte[] answer(byte[] challenge) {
        String text = new String(challenge, UTF_8);
        String[] fields = text.split(",", -1);
        byte[] salt = Base64.getDecoder().decode(fields[1].substring(2));
        int iterations = Integer.parseInt(fields[2].substring(2));
        byte[] salted;
        try {
            salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, 256))
                    .getEncoded();
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
        String last = "c=biws," + fields[0];
        byte[] signed = (bare + "," + text + "," + last).getBytes(UTF_8);
        byte[] proof = Passwords.hmac(salted, "Client Key".getBytes(UTF_8));
        byte[] signature = Passwords.hmac(Passwords.sha256(proof), signed);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= signature[i];
        }
        serverSignature = Passwords.hmac(Passwords.hmac(salted, "Server Key".getBytes(UTF_8)), signed);
        return (last + ",p=" + Base64.getEncoder().encodeToString(proof)).getBytes(UTF_8);
    }

    public boolean isServers(byte[] last) {
        return MessageDigest.isEqual(
                ("v=" + Base64.getEncoder().encodeToString(serverSignature)).getBytes(UTF_8), last);
    }
}
