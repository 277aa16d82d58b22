using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>Pages of a BAR that a client may map, as a function has them.</summary>
public class SharedMemoryTests
{
    private static readonly SharedBarMemory Place = new(0, 0x1000, 0x1000);

    [Theory]
    [InlineData(0, 0x800u, 0x1000)]
    [InlineData(0, 0x1000u, 0x800)]
    [InlineData(0, 0x1000u, 0)]
    [InlineData(0, 0x1000u, -0x1000)]
    [InlineData(0, 0x1000u, 0x2000)]
    [InlineData(0, 0x2000u, 0x1000)]
    [InlineData(0, 0x3000u, 0x1000)]
    [InlineData(0, 0xFFFF_F000u, 0x1000)]
    [InlineData(1, 0u, 0x1000)]
    [InlineData(2, 0x1000u, 0x1000)]
    public void Pages_that_are_none_or_outside_their_bar_or_of_msix_are_refused(int bar, uint offset, int length) =>
        Assert.Throws<ArgumentException>(
            () => DescriptionRules.Check(RegisterPersonality.Describe(1) with { Shared = new SharedBarMemory(bar, offset, length) }));

    [Theory]
    [InlineData(0, 0u, 0x2000)]
    [InlineData(0, 0x1000u, 0x1000)]
    [InlineData(2, 0u, 0x1000)]
    public void Others_are_taken(int bar, uint offset, int length)
    {
        SharedBarMemory place = new(bar, offset, length);
        using PciFunction function = Lone(out _, place);
        Assert.Equal(place, function.Endpoint.Shared);
    }

    [Fact]
    public void Without_msix_its_place_is_free() =>
        DescriptionRules.Check(RegisterPersonality.Describe(1, vectors: 0) with { Shared = new SharedBarMemory(0, 0x2000, 0x2000) });

    [Fact]
    public void Messages_and_the_shared_memory_are_the_same_bytes()
    {
        using PciFunction function = Lone(out RegisterPersonality personality, Place);
        using NativeHostMemory memory = new(Place.Length);
        function.Endpoint.ShareMemory(memory);
        Assert.Same(memory, personality.Memory);
        function.Endpoint.WriteBar(0, 0x1010, [1, 2, 3, 4]);
        Assert.Equal([1, 2, 3, 4], memory.Bytes.Slice(0x10, 4).ToArray());
        memory.Bytes[0x20] = 9;
        byte[] read = new byte[1];
        function.Endpoint.ReadBar(0, 0x1020, read);
        Assert.Equal(9, read[0]);
        function.Endpoint.Reset();
        Assert.Same(memory, personality.Memory);
        Assert.Equal(0, memory.Bytes[0x10]);
        function.Endpoint.ShareMemory(null);
        Assert.Null(personality.Memory);
    }

    [Fact]
    public void A_function_that_goes_lets_go_of_the_memory_and_takes_no_other()
    {
        PciFunction function = Lone(out RegisterPersonality personality, Place);
        using NativeHostMemory memory = new(Place.Length);
        function.Endpoint.ShareMemory(memory);
        function.Dispose();
        Assert.Null(personality.Memory);
        function.Endpoint.ShareMemory(memory);
        Assert.Null(personality.Memory);
    }

    [Fact]
    public async Task The_pages_of_a_whole_adapters_functions_cannot_be_mapped()
    {
        using SriovAdapter adapter = new(new SriovAdapterOptions
        {
            Name = "whole",
            Physical = new RegisterPersonality(RegisterPersonality.Describe(0x0010) with { Shared = Place }),
            Virtuals = new RegisterFactory { Description = RegisterPersonality.Describe(RegisterFactory.DeviceId) with { Shared = Place } },
            TotalVfs = 4,
            State = new NativeStateStore(),
            Quiescence = new NoPollers(),
            Time = new VirtualClock { Jumps = true },
        });
        await adapter.StartAsync();
        Assert.Equal(Place, adapter.Device.Engines[0].Physical.Endpoint.Shared);
        IEndpoint whole = adapter.GiveAway();
        Assert.Null(whole.Shared);
        whole.ShareMemory(null);
    }

    private static PciFunction Lone(out RegisterPersonality personality, SharedBarMemory place)
    {
        personality = new RegisterPersonality(RegisterPersonality.Describe(1) with { Shared = place });
        return PciFunction.Create("lone", personality, new DmaDomain(new NoPollers(), new DmaFaultLog(8)), new NativeStateStore());
    }
}
