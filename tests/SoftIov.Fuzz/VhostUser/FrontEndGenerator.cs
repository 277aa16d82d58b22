using SoftIov.Fuzz.VfioUser;

namespace SoftIov.Fuzz.VhostUser;

/// <summary>
/// Makes streams of a front-end up: mostly what one would send, in an order that gets rings to run in memory full of nonsense, with something
/// wrong here and there.
/// </summary>
internal sealed class FrontEndGenerator(int seed)
{
    private const uint Version = 1;
    private const uint NeedReply = 8;
    private const ulong Guest = 0x10_0000;
    private const ulong User = 0x7000_0000_0000;
    private const ulong MemorySize = 1 << 20;
    private static readonly uint[] Requests =
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 31, 32, 34, 35, 36, 37, 38, 39, 40, 42, 43, 44, 1000];

    private readonly Random _random = new(seed);

    /// <summary>A stream.</summary>
    public IEnumerable<FrontEndStep> Generate()
    {
        bool hasIommu = _random.Next(3) == 0;
        yield return Good(15);
        yield return Good(16, Number(1 << 3 | 1 << 1 | 1 << 2 | 1 << 12 | 1 << 15 | 1 << 16 | (hasIommu ? 1UL << 5 : 0)));
        ulong ringFeatures = (_random.Next(2) == 0 ? 1UL << 34 : 0) | (_random.Next(2) == 0 ? 1UL << 29 : 0);
        yield return Good(2, Number(1UL << 32 | 1UL << 30 | (hasIommu ? 1UL << 33 : 0) | ringFeatures));
        yield return Good(5, [.. BitConverter.GetBytes(1), 0, 0, 0, 0, .. Region(Guest, MemorySize, User, 0)], "memory");
        if (hasIommu)
        {
            yield return Good(21, [], "channel");
            yield return Good(22, Translation(User, MemorySize, User, 3, 2));
        }

        if (_random.Next(3) == 0)
            yield return AnyInflight();
        for (int ring = 0; ring < 2; ring++)
        {
            foreach (FrontEndStep step in Ring(ring))
                yield return step;
        }

        for (int count = _random.Next(5, 60); count > 0; count--)
            yield return Spoil(Any());
    }

    private IEnumerable<FrontEndStep> Ring(int ring)
    {
        yield return Good(8, State(ring, 1U << _random.Next(1, 10)));
        yield return Good(10, State(ring, (uint)_random.Next(4)));
        yield return Good(9, Addresses(ring));
        yield return Good(13, Number((ulong)ring), "event");
        yield return Good(12, Number((ulong)ring), "event2");
        yield return Good(18, State(ring, 1));
    }

    private FrontEndStep Any() => _random.Next(17) switch
    {
        0 => Good(11, State(_random.Next(5), 0)),
        1 => Good(9, Addresses(_random.Next(4))),
        2 => Good(12, Number((ulong)_random.Next(5)), "event2"),
        3 => Good(13, Number((uint)_random.Next(5) | (_random.Next(3) == 0 ? 1UL << 8 : 0)), _random.Next(2) == 0 ? ["event"] : []),
        4 => Good(18, State(_random.Next(4), (uint)_random.Next(2))),
        5 => Good(37, [.. new byte[8], .. AnyRegion()], Any(DescriptorSet.Names)),
        6 => Good(38, [.. new byte[8], .. AnyRegion()]),
        7 => Good(6, [.. Number(1UL << _random.Next(20)), .. Number(0)], Any(DescriptorSet.Names)),
        8 => Good(2, Number((ulong)_random.NextInt64() | 1UL << 32)),
        9 => Good(2, Number(1UL << 32 | 1UL << 30 | 1UL << 26)),
        10 => Good(39, Number((ulong)_random.Next(16))),
        11 => Good(19, Number((ulong)_random.NextInt64())),
        12 => Good(5, [.. BitConverter.GetBytes(1), 0, 0, 0, 0, .. Region(Guest, MemorySize, User, 0)], "memory"),
        13 => Good(22, AnyTranslation()),
        14 => AnyInflight(),
        15 => Good(21, [], Any(DescriptorSet.Names)),
        _ => Random(),
    };

    /// <summary>A region of both rings that is asked for, or one full of nonsense that is given.</summary>
    private FrontEndStep AnyInflight()
    {
        bool isGiven = _random.Next(2) == 0;
        byte[] description =
        [
            .. Number(1UL << _random.Next(10, 21)), .. Number(8 * (ulong)_random.Next(64)),
            .. BitConverter.GetBytes((ushort)_random.Next(4)), .. BitConverter.GetBytes((ushort)(1 << _random.Next(11))), 0, 0, 0, 0,
        ];
        return isGiven ? Good(32, description, "memory") : Good(31, description);
    }

    private byte[] AnyTranslation()
    {
        ulong iova = User + ((ulong)_random.Next(280) << 12);
        ulong user = User + ((ulong)_random.Next(280) << 12);
        return Translation(iova, (ulong)_random.Next(4) << 12, user, (byte)_random.Next(4), (byte)_random.Next(1, 5));
    }

    private static byte[] Translation(ulong iova, ulong size, ulong user, byte permissions, byte kind) =>
        [.. Number(iova), .. Number(size), .. Number(user), permissions, kind, 0, 0, 0, 0, 0, 0];

    private FrontEndStep Random()
    {
        byte[] payload = new byte[_random.Next(4) == 0 ? _random.Next(300) : 8 * _random.Next(7)];
        _random.NextBytes(payload);
        string[] descriptors = [.. Enumerable.Range(0, _random.Next(3) == 0 ? _random.Next(10) : 0).Select(_ => Any(DescriptorSet.Names))];
        return Good(Any(Requests), payload, descriptors);
    }

    /// <summary>One in twelve has something wrong; one in some of those breaks the stream itself.</summary>
    private FrontEndStep Spoil(FrontEndStep step) => _random.Next(48) switch
    {
        0 => step with { Flags = (uint)_random.Next() },
        1 => step with { Size = (uint)_random.Next(10_000) },
        2 => step with { Payload = step.Payload[..(step.Payload.Length / 2)], Size = (uint)step.Payload.Length / 2 },
        3 => step with { Descriptors = [.. step.Descriptors, Any(DescriptorSet.Names)] },
        _ => step,
    };

    private FrontEndStep Good(uint request, byte[]? payload = null, params string[] descriptors) =>
        new(request, _random.Next(3) == 0 ? Version : Version | NeedReply, (uint)(payload?.Length ?? 0), payload ?? [], descriptors);

    private byte[] Addresses(int ring) =>
    [
        .. BitConverter.GetBytes(ring), .. BitConverter.GetBytes(_random.Next(2)),
        .. Number(Place(16)), .. Number(Place(4)), .. Number(Place(2)), .. Number(0),
    ];

    private ulong Place(ulong alignment)
    {
        ulong place = User + ((ulong)_random.Next((int)MemorySize) & ~(alignment - 1));
        return _random.Next(16) == 0 ? place + (ulong)_random.Next((int)MemorySize) : place;
    }

    private byte[] AnyRegion()
    {
        ulong guest = Guest + ((ulong)_random.Next(1024) << 12);
        ulong user = User + ((ulong)_random.Next(1024) << 12);
        return Region(guest, 1UL << _random.Next(10, 21), user, (ulong)_random.Next(2) << 12);
    }

    private static byte[] Region(ulong guest, ulong size, ulong user, ulong offset) =>
        [.. Number(guest), .. Number(size), .. Number(user), .. Number(offset)];

    private static byte[] Number(ulong number) => BitConverter.GetBytes(number);

    private static byte[] State(int ring, uint number) => [.. BitConverter.GetBytes(ring), .. BitConverter.GetBytes(number)];

    private T Any<T>(T[] all) => all[_random.Next(all.Length)];
}
