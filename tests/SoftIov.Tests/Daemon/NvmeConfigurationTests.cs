using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using Xunit;

namespace SoftIov.Tests.Daemon;

/// <summary>Nvme adapters in configuration files.</summary>
public class NvmeConfigurationTests
{
    private const string Whole = """
        adapters:
          - name: disk0
            backing: file:/var/lib/softiov/disk0.img:10GiB
            personality: nvme
            totalVfs: 4
            numVfs: 2
            queuePairs: 8
            vfNamespaces: 512MiB
            vfMode: managed
            primaryResetKeepsSecondaries: false
            doorbells: shared
            namespaces:
              - {id: 10, size: 2GiB, blockSize: 4096, shared: true, vfs: [0, 3], pf: true}
              - {id: 11, size: 1GB}
            vfs:
              1: {iops: 5000, bandwidth: 200, interrupts: msi, owner: alice}
        """;

    [Fact]
    public void Every_key_is_read_wherever_the_personality_stands()
    {
        var disk0 = Assert.IsType<NvmeAdapterSpec>(Assert.Single(ConfigurationReader.Read(Whole, null).Adapters));

        Assert.Equal(
            new NvmeAdapterSpec(
                "disk0", new BackingSpec(NvmeBackingKind.File, "/var/lib/softiov/disk0.img", 10L << 30), 4, 2, 8,
                new VfNamespacesSpec(VfShare.Sized, 512 << 20), disk0.Namespaces, NvmeVfMode.Managed, PrimaryResetKeepsSecondaries: false,
                NvmeDoorbells.Shared, Vfs: disk0.Vfs),
            disk0);
        Assert.Equal(new NamespaceSpec(2L << 30, 4096, Shared: true, [0, 3], Pf: true), disk0.Namespaces[10]);
        Assert.Equal(new NamespaceSpec(1_000_000_000), disk0.Namespaces[11]);
        Assert.Equal(new NvmeVfSpec(5000, 200, InterruptMode.Msi, "alice"), disk0.Vf(1));
    }

    [Theory]
    [InlineData("memory:1GiB", NvmeBackingKind.Memory, null, 1L << 30)]
    [InlineData("{memory: 1GiB}", NvmeBackingKind.Memory, null, 1L << 30)]
    [InlineData("null:4096", NvmeBackingKind.Null, null, 4096L)]
    [InlineData("file:/a/b", NvmeBackingKind.File, "/a/b", null)]
    [InlineData("file:/a:b:10 MB", NvmeBackingKind.File, "/a:b", 10_000_000L)]
    [InlineData("file:/a:b", NvmeBackingKind.File, "/a:b", null)]
    [InlineData("{file: '/a:1GiB', size: 2GiB}", NvmeBackingKind.File, "/a:1GiB", 2L << 30)]
    [InlineData("{file: /a}", NvmeBackingKind.File, "/a", null)]
    [InlineData("block:/dev/disk/by-id/x:1", NvmeBackingKind.Block, "/dev/disk/by-id/x:1", null)]
    [InlineData("{block: /dev/sdb}", NvmeBackingKind.Block, "/dev/sdb", null)]
    public void A_backing_is_a_word_or_a_mapping(string text, NvmeBackingKind kind, string? path, long? size)
    {
        DesiredState state = ConfigurationReader.Read(
            $"adapters: [{{name: a, personality: nvme, vfNamespaces: none, backing: {(text[0] == '{' ? text : $"\"{text}\"")}}}]", null);

        Assert.Equal(new BackingSpec(kind, path, size), ((NvmeAdapterSpec)state.Adapters[0]).Backing);
    }

    [Fact]
    public void Without_namespaces_each_VF_has_an_equal_share_and_with_them_only_what_is_named()
    {
        var usual = new NvmeAdapterSpec("a", new BackingSpec(NvmeBackingKind.Memory, Size: 1L << 30), TotalVfs: 2);

        Assert.Equal([1, 2], usual.WantedNamespaces.Keys);
        Assert.Equal(new NamespaceSpec(null, Vfs: [1]), usual.WantedNamespaces[2]);
        Assert.Equal([7], (usual with { Namespaces = usual.Namespaces.Add(7, new(4096)) }).WantedNamespaces.Keys);
        Assert.Equal(
            [1, 2, 7],
            (usual with { Namespaces = usual.Namespaces.Add(7, new(4096)), VfNamespaces = VfNamespacesSpec.Equal }).WantedNamespaces.Keys);
        Assert.Empty((usual with { VfNamespaces = VfNamespacesSpec.None }).WantedNamespaces);
    }

    // The place is that of the wrong value, or of the key when the key is wrong.
    [Theory]
    [InlineData("", 1, 12, "an nvme adapter needs a backing", "file:/var/lib")]
    [InlineData("backing: tape", 1, 50, "'tape' is no value of backing", "memory:SIZE")]
    [InlineData("backing: memory", 1, 50, "'memory' is no value of backing", "memory:SIZE")]
    [InlineData("backing: memory:much", 1, 50, "'memory:much' is no value of backing", "memory:SIZE")]
    [InlineData("backing: file:disk.img", 1, 50, "'disk.img' is no absolute path", "begin it with /")]
    [InlineData("backing: {tape: /dev/st0}", 1, 51, "unknown key 'tape'", "one of file, block")]
    [InlineData("backing: {file: /x, size: big}", 1, 67, "'big' is no value of size", "10GiB")]
    [InlineData("backing: {size: 1GiB}", 1, 50, "this is no backing", "memory: SIZE")]
    [InlineData("backing: memory:4MiB, totalVfs: 128", 1, 73, "totalVfs 128 is out of range", "1 to 127")]
    [InlineData("backing: memory:4MiB", 1, 50, "4MiB is too little for 8 namespaces", "lower totalVfs")]
    [InlineData("backing: memory:1GiB, vfNamespaces: 200MiB", 1, 77, "the namespaces need 1.56GiB, and the backing has 1GiB", "smaller")]
    [InlineData("backing: memory:1GiB, vfNamespaces: half", 1, 77, "'half' is no value of vfNamespaces", "equal, none or the size")]
    [InlineData("backing: memory:1GiB, queuePairs: 65", 1, 75, "queuePairs 65 is out of range", "1 to 64")]
    [InlineData("backing: memory:1GiB, vfMode: strict", 1, 71, "'strict' is no value of vfMode", "auto or managed")]
    [InlineData("backing: memory:1GiB, doorbells: bells", 1, 74, "'bells' is no value of doorbells", "trapped or shared")]
    [InlineData("backing: memory:1GiB, mtu: 1500", 1, 63, "'mtu' is a key of net adapters, and this adapter's personality is nvme", "leave it out")]
    [InlineData("backing: memory:1GiB, queuePair: 1", 1, 63, "unknown key 'queuePair'", "did you mean queuePairs?")]
    [InlineData("backing: memory:1GiB, vfs: {0: {vlan: 1}}", 1, 73, "'vlan' is a key of VFs of net adapters", "personality: net")]
    [InlineData("backing: memory:1GiB, vfs: {8: {iops: 1}}", 1, 69, "VF 8 does not exist", "0 to 7")]
    [InlineData("backing: memory:1GiB, vfs: {0: {iops: -1}}", 1, 79, "iops -1 is out of range", "0 to")]
    [InlineData("backing: memory:1GiB, vfs: {0: {bandwidth: 1GB}}", 1, 84, "'1GB' is no value of bandwidth", "MB a second")]
    [InlineData("backing: memory:1GiB, namespaces: [{size: 1MiB}]", 1, 76, "a namespace without an id", "id: 1")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 1}]", 1, 76, "namespace 1 has no size", "size: 10GiB")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 1, size: 1MiB}, {id: 1, size: 1MiB}]", 1, 97, "two namespaces have the id 1", "its own")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 0, size: 1MiB}]", 1, 76, "id 0 is out of range", "1 to 32")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 1, size: 1000}]", 1, 90, "size 1KB is no whole number of blocks", "multiple of 512")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 1, size: 512, blockSize: 4096}]", 1, 90, "size 512B is no whole", "multiple of 4096")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 1, size: 1MiB, blockSize: 520}]", 1, 107, "blockSize 520 is not supported", "512 or 4096")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 1, size: 1MiB, vfs: [8]}]", 1, 101, "VF 8 does not exist", "0 to 7")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 1, size: 1MiB, vfs: [0, 1]}]", 1, 101, "namespace 1 is private", "shared: true")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 1, size: 1MiB, vfs: [x]}]", 1, 101, "'x' is no value of vfs", "VF numbers")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 1, size: 1MiB, nguid: 1}]", 1, 96, "unknown key 'nguid'", "one of size")]
    [InlineData("backing: memory:1GiB, namespaces: [{id: 1, size: 2GiB}]", 1, 75, "the namespaces need 2GiB, and the backing has 1GiB", "larger")]
    public void What_is_wrong_is_said_with_its_place_and_a_fix(string keys, int line, int column, string message, string fix)
    {
        string text = $"adapters: [{{name: a, personality: nvme, {keys}}}]";

        ErrorDetail error = Assert.Single(Errors(text));

        Assert.Contains(message, error.Message);
        Assert.Contains(fix, error.Fix);
        Assert.Equal((line, column), (error.Line, error.Column));
    }

    [Fact]
    public void Two_adapters_do_not_share_a_backing()
    {
        ErrorDetail error = Assert.Single(Errors(
            "adapters: [{name: a, personality: nvme, backing: file:/x/y}, {name: b, personality: nvme, backing: \"file:/x/../x/y:1GiB\"}]"));

        Assert.Contains("is the backing of a already", error.Message);
    }

    [Fact]
    public void A_net_adapter_has_no_backing_and_no_namespaces() => Assert.Equal(
        [
            "'backing' is a key of nvme adapters, and this adapter's personality is net",
            "'namespaces' is a key of nvme adapters, and this adapter's personality is net",
            "'iops' is a key of VFs of nvme adapters, and this adapter's personality is net",
        ],
        Errors("adapters: [{name: a, backing: memory:1GiB, namespaces: [], vfs: {0: {iops: 1}}}]").Select(e => e.Message));

    [Fact]
    public void An_adapter_keeps_its_personality()
    {
        var state = new DesiredState([new NetAdapterSpec("net0")]);

        ControlException error = Assert.Throws<ControlException>(() => SettingChange.Apply(
            state, TargetName.Parse("net0"), new Dictionary<string, string> { ["personality"] = "nvme" }));

        Assert.Contains("'nvme' is no value of personality", error.Message);
    }

    [Theory]
    [InlineData("512", 512L)]
    [InlineData("10GiB", 10L << 30)]
    [InlineData("10 gib", 10L << 30)]
    [InlineData("3TB", 3_000_000_000_000L)]
    [InlineData("7KB", 7000L)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("1.5GiB", null)]
    [InlineData("10G", null)]
    [InlineData("GiB", null)]
    [InlineData("9223372036854775807TiB", null)]
    public void Sizes_have_units(string text, long? bytes)
    {
        Assert.Equal(bytes, ByteSize.Parse(text));
        if (bytes is { } size)
            Assert.Equal(bytes, ByteSize.Parse(ByteSize.Show(size)));
    }

    private static IReadOnlyList<ErrorDetail> Errors(string text) =>
        Assert.Throws<ControlException>(() => ConfigurationReader.Read(text, "lab.yaml")).Details.Errors!;
}
