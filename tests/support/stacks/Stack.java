// SPDX-License-Identifier: Apache-2.0

import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import javax.net.ssl.*;

/** Java's JSSE as client and server; README.md says how it is asked. */
public class Stack {
    static final char[] PASSWORD = "password".toCharArray();
    static final int PATIENCE_MS = 5000;

    static class Anyone implements X509TrustManager {
        final X509Certificate[] named;

        Anyone(X509Certificate... named) {
            this.named = named;
        }

        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        public X509Certificate[] getAcceptedIssuers() {
            return named;
        }
    }

    static SSLContext context(String pkcs12, X509Certificate... named) throws Exception {
        KeyManager[] keys = null;
        if (!pkcs12.equals("-")) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = new FileInputStream(pkcs12)) {
                store.load(in, PASSWORD);
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(store, PASSWORD);
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys, new TrustManager[] {new Anyone(named)}, null);
        return context;
    }

    /** Keeps what sessions can be resumed by. */
    static SSLContext kept;

    static void visit(String[] job) throws Exception {
        if (!job[6].equals("again"))
            kept = context(job[3]);
        try (Socket plain = new Socket("127.0.0.1", Integer.parseInt(job[0]))) {
            SSLSocketFactory factory = kept.getSocketFactory();
            SSLSocket end = (SSLSocket) factory.createSocket(plain, "www.example.com", 443, true);
            end.setSoTimeout(PATIENCE_MS);
            end.setEnabledProtocols(new String[] {"TLSv1.3"});
            if (!job[4].equals("-")) {
                SSLParameters parameters = end.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {job[4]});
                end.setSSLParameters(parameters);
            }
            end.startHandshake();
            Thread.sleep(Integer.parseInt(job[5]));
            end.getOutputStream().write("hello\n".getBytes());
            if (end.getInputStream().readNBytes(6).length < 6)
                throw new IOException("the server hung up");
            end.close();
        }
    }

    static void client() throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null;) {
            try {
                visit(line.split("\t"));
                System.out.println("ok");
            } catch (Exception e) {
                System.out.println("failed " + e);
            }
        }
    }

    static void echo(Socket end) {
        try (end) {
            end.getInputStream().transferTo(end.getOutputStream());
        } catch (IOException e) {
            System.out.println("visit: " + e);
        }
    }

    static void server(String pkcs12, String ca, String ask) throws Exception {
        X509Certificate[] trusted;
        try (InputStream in = new FileInputStream(ca)) {
            trusted = CertificateFactory.getInstance("X.509").generateCertificates(in)
                .toArray(new X509Certificate[0]);
        }
        SSLServerSocket listener = (SSLServerSocket) context(pkcs12, trusted)
            .getServerSocketFactory().createServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
        SSLParameters parameters = listener.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        if (ask.equals("asks"))
            parameters.setWantClientAuth(true);
        if (ask.equals("demands"))
            parameters.setNeedClientAuth(true);
        listener.setSSLParameters(parameters);
        System.out.println("port " + listener.getLocalPort());
        for (;;) {
            Socket end = listener.accept();
            new Thread(() -> echo(end)).start();
        }
    }

    public static void main(String[] asked) throws Exception {
        if (asked[0].equals("client"))
            client();
        else
            server(asked[3], asked[4], asked[5]);
    }
}
