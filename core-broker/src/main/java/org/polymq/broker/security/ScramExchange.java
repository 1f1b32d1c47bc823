/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * The broker's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), without channel binding: the client's first
 * message, the client's final message, done. Cheap enough for an event loop. Confined to its connection's lane.
 */
public final class ScramExchange {
    /** The name by which clients ask for it. */
    public static final String MECHANISM = "SCRAM-SHA-256";

    private static final int MAX_MESSAGE = 4_096;
    private static final int NONCE_BYTES = 18;

    private final Authenticator authenticator;
    private final Origin origin;
    private @Nullable First first;
    private @Nullable Access access;

    private record First(
            String user, boolean exists, Verifier verifier, String header, String bare, String nonce, String answer) {}

    ScramExchange(Authenticator authenticator, Origin origin) {
        this.authenticator = authenticator;
        this.origin = origin;
    }

    /**
     * Takes the client's next message and answers the broker's. After the second one {@link #access} has the outcome.
     *
     * @throws BrokerException NOT_AUTHENTICATED if the proof is wrong or the message is not of this exchange
     */
    public byte[] step(byte[] message) {
        if (message.length > MAX_MESSAGE || access != null) {
            throw malformed("a message too long or too many");
        }
        String text = new String(message, UTF_8);
        First begun = first;
        return (begun == null ? begin(text) : finish(begun, text)).getBytes(UTF_8);
    }

    /** What the client may do, once the exchange is over; null before. */
    public @Nullable Access access() {
        return access;
    }

    private String begin(String message) {
        // gs2-header = ("n" / "y") "," [ "a=" authzid ] ","; then n=user,r=nonce
        String[] parts = message.split(",", 3);
        if (parts.length < 3 || !(parts[0].equals("n") || parts[0].equals("y"))) {
            throw malformed("channel binding is not offered");
        }
        String bare = parts[2];
        String[] fields = bare.split(",", -1);
        String user = unescape(value(fields, 0, "n="));
        String clientNonce = value(fields, 1, "r=");
        if (!parts[1].isEmpty() && !parts[1].equals("a=" + value(fields, 0, "n="))) {
            throw malformed("acting as another user is not offered");
        }
        authenticator.checkPause(user, origin);
        AccountsView.Account account = authenticator.enabled(user);
        Verifier verifier = account == null ? null : account.verifier();
        boolean exists = verifier != null;
        Verifier used = verifier == null ? authenticator.pretended(user) : verifier;
        String nonce = clientNonce + Passwords.randomText(NONCE_BYTES);
        String answer =
                "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(used.salt()) + ",i=" + used.iterations();
        first = new First(user, exists, used, parts[0] + "," + parts[1] + ",", bare, nonce, answer);
        return answer;
    }

    private String finish(First begun, String message) {
        int proofAt = message.lastIndexOf(",p=");
        if (proofAt < 0) {
            throw malformed("the final message has no proof");
        }
        String withoutProof = message.substring(0, proofAt);
        String[] fields = withoutProof.split(",", -1);
        byte[] binding = decode(value(fields, 0, "c="));
        if (!MessageDigest.isEqual(binding, begun.header().getBytes(UTF_8))
                || !value(fields, 1, "r=").equals(begun.nonce())) {
            throw authenticator.failed(begun.user(), origin, "wrong SCRAM nonce");
        }
        byte[] signed = (begun.bare() + "," + begun.answer() + "," + withoutProof).getBytes(UTF_8);
        Verifier verifier = begun.verifier();
        byte[] clientKey = xor(decode(message.substring(proofAt + 3)), Passwords.hmac(verifier.storedKey(), signed));
        boolean right = MessageDigest.isEqual(Passwords.sha256(clientKey), verifier.storedKey());
        if (!right || !begun.exists()) {
            throw authenticator.failed(begun.user(), origin, "wrong user or password");
        }
        authenticator.succeeded(begun.user(), origin);
        access = authenticator.loggedIn(begun.user(), origin, MECHANISM, verifier);
        return "v=" + Base64.getEncoder().encodeToString(Passwords.hmac(verifier.serverKey(), signed));
    }

    private static String value(String[] fields, int index, String prefix) {
        if (index >= fields.length || !fields[index].startsWith(prefix) || fields[index].length() == prefix.length()) {
            throw malformed("a field " + prefix + " is missing");
        }
        return fields[index].substring(prefix.length());
    }

    private static String unescape(String name) {
        return name.replace("=2C", ",").replace("=3D", "=");
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new BrokerException(Reason.NOT_AUTHENTICATED, "SCRAM: not Base64", e);
        }
    }

    private static byte[] xor(byte[] a, byte[] b) {
        if (a.length != b.length) {
            throw malformed("a proof of " + a.length + " bytes");
        }
        byte[] xor = new byte[a.length];
        for (int i = 0; i < a.length; i++) {
            xor[i] = (byte) (a[i] ^ b[i]);
        }
        return xor;
    }

    private static BrokerException malformed(String why) {
        return new BrokerException(Reason.NOT_AUTHENTICATED, "SCRAM: " + why);
    }
}
