/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.polymq.broker.BrokerException;
import org.polymq.broker.net.Handshake;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Audit;
import org.polymq.broker.security.Origin;
import org.polymq.broker.security.Security;
import org.polymq.nameserver.BrokerProof;
import org.polymq.nameserver.RequestGuard;
import org.polymq.remoting.NativeCredentials;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;

/**
 * Guards the name server inside a broker by that broker's users: clients log in to read routes, administrators need
 * MANAGE on the cluster, and a broker proves who it is by the secret or by such a user.
 */
final class NameServerGuard implements RequestGuard {
    private static final int SECRET_BYTES = 32;

    private final Supplier<Security> users;
    private final BrokerProof proof;
    private final boolean provedOnly;

    /**
     * {@code users}: those that hold right now; {@code provedOnly}: whether routes are refused without the proof while
     * security is off, too.
     */
    NameServerGuard(Supplier<Security> users, BrokerProof proof, boolean provedOnly) {
        this.users = users;
        this.proof = proof;
        this.provedOnly = provedOnly;
    }

    /** The proof by the secret in a file, or, without one, by a secret of this process for itself alone. */
    static BrokerProof proof(Optional<Path> secretFile) throws IOException {
        if (secretFile.isPresent()) {
            String secret = Files.readString(secretFile.get()).strip();
            if (secret.isEmpty()) {
                throw new IOException(secretFile.get() + " (nameserver.secret-file) holds no secret");
            }
            return BrokerProof.of(secret);
        }
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return BrokerProof.of(HexFormat.of().formatHex(bytes));
    }

    /** The guard of a name server without a broker: reading is open, all else needs the secret, if there is one. */
    static RequestGuard standalone(BrokerProof proof) {
        return (need, request, from) -> {
            if (need != Need.READ && !proof.proves(request)) {
                throw refused("only brokers with the secret of this name server may do this");
            }
            Handshake.complete(from);
        };
    }

    private static BadRequestException refused(String why) {
        return new BadRequestException(ResponseCode.NO_PERMISSION, why);
    }

    @Override
    public void check(Need need, RemotingCommand request, Channel from) {
        authorise(need, request, from);
        Handshake.complete(from);
    }

    private Security users() {
        try {
            return users.get();
        } catch (BrokerException notYet) {
            throw refused(String.valueOf(notYet.getMessage()));
        }
    }

    private void authorise(Need need, RemotingCommand request, Channel from) {
        if (proof.proves(request)) {
            return;
        }
        Security security = users();
        if (need == Need.BROKER && provedOnly && !security.enabled()) {
            throw refused("only brokers with the secret of this name server may register");
        }
        if (!security.enabled()) {
            return;
        }
        try {
            Access access =
                    security.authenticator().loginNow(NativeCredentials.of(request), Origin.of("nameserver", from));
            if (need != Need.READ) {
                access.manageCluster();
                security.audit()
                        .write(new Audit.Event(
                                Audit.Kind.ADMIN,
                                access.principal().name(),
                                access.origin(),
                                "name server request " + request.code(),
                                Map.of()));
            }
        } catch (BrokerException refused) {
            throw refused(String.valueOf(refused.getMessage()));
        }
    }
}
