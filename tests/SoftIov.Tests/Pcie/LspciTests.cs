using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>What the real lspci says about a net adapter (P150, without a kernel): no field it does not know, the numbers we mean.</summary>
public class LspciTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(300)]
    public async Task P150_Pf_with_vfs(int numVfs)
    {
        using NetAdapterOnBus adapter = await NetAdapterOnBus.StartAsync(numVfs);
        Check($"pf-with-{numVfs}-vfs", adapter.Adapter.Dump(null, ConfigView.Fabric));
    }

    [Theory]
    [InlineData(0, ConfigView.Fabric, "vf-fabric")]
    [InlineData(0, ConfigView.Assigned, "vf-assigned")]
    [InlineData(null, ConfigView.Assigned, "pf-assigned")]
    public async Task P150_Views(int? vf, ConfigView view, string name)
    {
        using NetAdapterOnBus adapter = await NetAdapterOnBus.StartAsync(300);
        Check(name, adapter.Adapter.Dump(vf, view));
    }

    [Fact]
    public async Task P150_Vf_on_the_next_bus()
    {
        using NetAdapterOnBus adapter = await NetAdapterOnBus.StartAsync(300);
        string text = Lspci.Decode(adapter.Adapter.Dump(299, ConfigView.Fabric));
        Assert.StartsWith("02:05.4 0200: ffff:ffff (rev 01)", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P150_Root_port()
    {
        using NetAdapterOnBus adapter = await NetAdapterOnBus.StartAsync(8);
        Check("root-port", adapter.Adapter.DumpPort());
    }

    [Theory]
    [InlineData(ConfigView.Fabric, "msi-fabric")]
    [InlineData(ConfigView.Assigned, "msi-assigned")]
    public void P150_A_vf_with_msi(ConfigView view, string name)
    {
        using Fabric fabric = new(msi: 8);
        fabric.Enable(1);
        ConfigPort vf = fabric.Vf(0);
        int cap = vf.FindCapability(0x05);
        vf.Write32(cap + 0x04, 0xFEE0_1000);
        vf.Write16(cap + 0x0C, 0x4040);
        vf.Write32(cap + 0x10, 0x81);
        vf.Write16(cap + 0x02, 1 | 2 << 4);
        fabric.Factories[0].Made[0].Function.Fire(0);
        PciFunction function = fabric.Device.Vf(0, 0)!;
        byte[] config = new byte[ConfigSpace.Size];
        (view == ConfigView.Fabric ? function.FabricConfig : function.AssignedConfig).Read(0, config);
        System.Text.StringBuilder dump = new();
        LspciDump.Append(dump, vf.Id, "vf", config);
        Check(name, dump.ToString());
    }

    [Fact]
    public void Golden_texts_of_another_version_are_compared_by_what_both_say()
    {
        const string Golden = "\tDevCap: FLReset+ SlotPowerLimit 0W, MSI 00\n\tUESta:\tDLP- TLP+\n";
        Assert.Empty(GoldenText.Missing(Golden, "\tDevCap: FLReset+ TEE-IO- SlotPowerLimit 0W,\n\t\tIntMsgNum 0\n\tUESta:\tTLP+ DLP- New-\n"));
        Assert.Equal(["TLP+"], GoldenText.Missing(Golden, "\tDevCap: FLReset+ SlotPowerLimit 0W, MSI 00\n\tUESta:\tDLP- TLP-\n"));
        Assert.Equal(["0W"], GoldenText.Missing(Golden, "\tDevCap: FLReset+ SlotPowerLimit 1W, MSI 00\n\tUESta:\tDLP- TLP+\n"));
    }

    private static void Check(string name, string dump)
    {
        string text = Lspci.Decode(dump);

        // A VF shows no vendor ID on the bus, so lspci cannot know what the vendor's capabilities mean.
        bool isAnonymous = text.Contains(" ffff:ffff ", StringComparison.Ordinal);
        string known = isAnonymous ? text.Replace("Vendor Specific Information: Len=10 <?>", "", StringComparison.Ordinal)
            .Replace("Vendor Specific Information: Len=14 <?>", "", StringComparison.Ordinal) : text;
        Assert.DoesNotContain("<?>", known, StringComparison.Ordinal);
        Assert.DoesNotContain("<chain broken>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<chain looped>", text, StringComparison.Ordinal);
        GoldenText.Check(name, text);
    }
}
