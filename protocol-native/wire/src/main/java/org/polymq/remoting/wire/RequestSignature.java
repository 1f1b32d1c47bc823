/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How RocketMQ's {@code AclClientRPCHook} signs a request: Base64 of HMAC-SHA1 over the values of all fields but the
 * signature, in the order of their names, and the body.
 */
public final class RequestSignature {
    public static final String ACCESS_KEY = "AccessKey";
    public static final String SIGNATURE = "Signature";

    private static final String ALGORITHM = "HmacSHA1";

    private RequestSignature() {}

    /** What is signed before the body. */
    public static byte[] content(ExtFields fields) {
        SortedMap<String, String> sorted = new TreeMap<>();
        fields.forEach((name, value) -> {
            if (!name.equals(SIGNATURE)) {
                sorted.put(name, value);
            }
        });
        StringBuilder text = new StringBuilder();
        sorted.values().forEach(text::append);
        return text.toString().getBytes(UTF_8);
    }

    /** The same fields with access key and signature. */
    public static ExtFields sign(ExtFields fields, byte[] body, String accessKey, String secret) {
        ExtFields signed = new ExtFields();
        fields.forEach(signed::with);
        signed.with(ACCESS_KEY, accessKey);
        return signed.with(SIGNATURE, Base64.getEncoder().encodeToString(mac(signed, body, secret)));
    }

    /** Whether a request bears the signature that the secret gives. */
    public static boolean verifies(RemotingCommand request, String secret) {
        try {
            byte[] given = Base64.getDecoder().decode(request.fields().string(SIGNATURE, ""));
            return MessageDigest.isEqual(mac(request.fields(), request.body(), secret), given);
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    private static byte[] mac(ExtFields fields, byte[] body, String secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM));
            mac.update(content(fields));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
