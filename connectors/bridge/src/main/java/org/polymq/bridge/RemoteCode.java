/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.remote.Remote;
import org.polymq.bridge.remote.RemoteSettings;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * The code of one bridge's remote side: the client's jars and the classes here that use it. They win over the server's,
 * so that a client brings the libraries it was made with; what both have to agree on is the server's.
 */
final class RemoteCode extends URLClassLoader {
    private static final List<String> SHARED =
            List.of("java.", "javax.", "jdk.", "sun.", "jakarta.jms.", "org.slf4j.", "org.jspecify.", "org.polymq.");

    private final String own;

    private RemoteCode(URL[] places, ClassLoader server, String own) {
        super("bridge " + own, places, server);
        this.own = own;
    }

    /**
     * @param jars directory of jars; one that is not there has none
     * @param remoteClass implements {@link Remote}, with a constructor for {@link RemoteSettings}
     */
    static RemoteCode of(Path jars, String remoteClass) {
        List<URL> places = new ArrayList<>();
        CodeSource here = RemoteCode.class.getProtectionDomain().getCodeSource();
        if (here != null) {
            places.add(here.getLocation());
        }
        places.addAll(jarsIn(jars));
        String own = remoteClass.substring(0, remoteClass.lastIndexOf('.') + 1);
        return new RemoteCode(places.toArray(new URL[0]), RemoteCode.class.getClassLoader(), own);
    }

    private static List<URL> jarsIn(Path directory) {
        List<URL> jars = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.jar")) {
                for (Path file : files) {
                    jars.add(urlOf(file));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return jars;
    }

    private static URL urlOf(Path file) throws MalformedURLException {
        return file.toUri().toURL();
    }

    /** @throws BrokerException NOT_SUPPORTED if the client's jars are not there */
    Remote open(String remoteClass, RemoteSettings settings) {
        try {
            return Class.forName(remoteClass, true, this)
                    .asSubclass(Remote.class)
                    .getConstructor(RemoteSettings.class)
                    .newInstance(settings);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof BrokerException refused) {
                throw refused;
            }
            throw missing(remoteClass, e.getCause() == null ? e : e.getCause());
        } catch (ReflectiveOperationException | LinkageError e) {
            throw missing(remoteClass, e);
        }
    }

    private static BrokerException missing(String remoteClass, Throwable cause) {
        return new BrokerException(
                Reason.NOT_SUPPORTED, "the client of " + remoteClass + " cannot be loaded: " + cause, cause);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null && (name.startsWith(own) || SHARED.stream().noneMatch(name::startsWith))) {
                loaded = findHere(name);
            }
            if (loaded == null) {
                return super.loadClass(name, resolve);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    private @Nullable Class<?> findHere(String name) {
        try {
            return findClass(name);
        } catch (ClassNotFoundException e) {
            // Not the client's: the server has it, or nobody.
            return null;
        }
    }
}
