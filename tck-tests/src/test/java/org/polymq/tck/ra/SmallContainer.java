/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import com.arjuna.ats.arjuna.common.CoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import jakarta.jms.ConnectionFactory;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterAssociation;
import jakarta.resource.spi.XATerminator;
import jakarta.resource.spi.work.WorkContext;
import jakarta.resource.spi.work.WorkManager;
import jakarta.transaction.TransactionManager;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.beans.IntrospectionException;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * As much of a Jakarta EE server as a resource adapter needs: it unpacks the archive, loads it apart from the tests'
 * own classes, and has a WorkManager, a pool of connections and a transaction manager, Narayana.
 */
final class SmallContainer implements AutoCloseable, BootstrapContext {
    private final URLClassLoader loader;
    private final ResourceAdapter adapter;
    private final TestWorkManager workManager = new TestWorkManager();
    private final List<Timer> timers = new ArrayList<>();
    private final List<Pool> pools = new ArrayList<>();
    private final TransactionManager transactions;

    private SmallContainer(URLClassLoader loader, ResourceAdapter adapter, TransactionManager transactions) {
        this.loader = loader;
        this.adapter = adapter;
        this.transactions = transactions;
    }

    /** Starts the archive that this checkout has built. */
    static SmallContainer start(Path directory, Map<String, Object> settings) throws Exception {
        List<URL> jars = unpack(
                EeServer.built("connectors/resource-adapter", ".rar"),
                Files.createDirectories(directory.resolve("rar")));
        URLClassLoader loader = new URLClassLoader(jars.toArray(URL[]::new), new ApisOnly());
        ResourceAdapter adapter = make(loader, "PolyMQResourceAdapter", ResourceAdapter.class, settings);
        SmallContainer container = new SmallContainer(loader, adapter, narayana(directory.resolve("transactions")));
        adapter.start(container);
        return container;
    }

    private static List<URL> unpack(Path archive, Path into) throws IOException {
        List<URL> jars = new ArrayList<>();
        try (InputStream file = Files.newInputStream(archive);
                ZipInputStream zip = new ZipInputStream(file)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith(".jar")) {
                    Path jar = into.resolve(Path.of(entry.getName()).getFileName());
                    Files.copy(zip, jar);
                    jars.add(jar.toUri().toURL());
                }
            }
        }
        return jars;
    }

    private static TransactionManager narayana(Path store) {
        for (String name : new String[] {"default", "communicationStore", "stateStore"}) {
            ObjectStoreEnvironmentBean bean = name.equals("default")
                    ? BeanPopulator.getDefaultInstance(ObjectStoreEnvironmentBean.class)
                    : BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, name);
            bean.setObjectStoreDir(store.toString());
        }
        try {
            BeanPopulator.getDefaultInstance(CoreEnvironmentBean.class).setNodeIdentifier("ra");
        } catch (com.arjuna.ats.arjuna.exceptions.FatalError | Exception e) {
            throw new IllegalStateException(e);
        }
        return com.arjuna.ats.jta.TransactionManager.transactionManager();
    }

    /** Sees Java and the APIs that a server has, and nothing else of the tests' class path. */
    private static final class ApisOnly extends ClassLoader {
        ApisOnly() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("jakarta.")) {
                return SmallContainer.class.getClassLoader().loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }

    // ---- what a deployer does

    private static <T> T make(ClassLoader loader, String name, Class<T> type, Map<String, Object> settings)
            throws Exception {
        T bean = type.cast(
                loader.loadClass("org.polymq.ra." + name).getConstructor().newInstance());
        for (Map.Entry<String, Object> setting : settings.entrySet()) {
            property(bean, setting.getKey()).getWriteMethod().invoke(bean, setting.getValue());
        }
        return bean;
    }

    private static PropertyDescriptor property(Object bean, String name) throws IntrospectionException {
        return Arrays.stream(Introspector.getBeanInfo(bean.getClass()).getPropertyDescriptors())
                .filter(each -> each.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no property " + name));
    }

    ActivationSpec spec(Map<String, Object> settings) throws Exception {
        ActivationSpec spec = make(loader, "PolyMQActivationSpec", ActivationSpec.class, settings);
        spec.setResourceAdapter(adapter);
        return spec;
    }

    ManagedConnectionFactory managed(Map<String, Object> settings) throws Exception {
        ManagedConnectionFactory factory =
                make(loader, "PolyMQManagedConnectionFactory", ManagedConnectionFactory.class, settings);
        ((ResourceAdapterAssociation) factory).setResourceAdapter(adapter);
        return factory;
    }

    ConnectionFactory factory(Pool pool, Map<String, Object> settings) throws Exception {
        return (ConnectionFactory) managed(settings).createConnectionFactory(pool);
    }

    /** A pool that ends with the container. */
    Pool pool() {
        Pool pool = new Pool(transactions);
        pools.add(pool);
        return pool;
    }

    /** What a test does while a bean is active. */
    interface Body {
        void run() throws Exception;
    }

    /** Delivers to a bean until the body has run. */
    void whileActive(TestEndpoints endpoints, ActivationSpec spec, Body body) throws Exception {
        adapter.endpointActivation(endpoints, spec);
        try {
            body.run();
        } finally {
            adapter.endpointDeactivation(endpoints, spec);
        }
    }

    ResourceAdapter adapter() {
        return adapter;
    }

    TransactionManager transactions() {
        return transactions;
    }

    // ---- what the adapter asks for

    @Override
    public WorkManager getWorkManager() {
        return workManager;
    }

    @Override
    public Timer createTimer() {
        Timer timer = new Timer("small container", true);
        timers.add(timer);
        return timer;
    }

    @Override
    public XATerminator getXATerminator() {
        throw new UnsupportedOperationException("no transactions are imported");
    }

    @Override
    public boolean isContextSupported(Class<? extends WorkContext> type) {
        return false;
    }

    @Override
    public TransactionSynchronizationRegistry getTransactionSynchronizationRegistry() {
        throw new UnsupportedOperationException("not needed");
    }

    @Override
    public void close() throws ResourceException, IOException {
        for (Pool pool : pools) {
            pool.close();
        }
        adapter.stop();
        workManager.close();
        timers.forEach(Timer::cancel);
        loader.close();
    }
}
